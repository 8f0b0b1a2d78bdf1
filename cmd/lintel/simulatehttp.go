// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"lintel/adapters/hosthttp"
	"lintel/specs"
	"lintel/transforms"
)

// ServeHTTP is the host of a backend that is spoken to in HTTP.
func (h *simulatedHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSimulated))
	if err != nil {
		h.log.Warn("simulated host: request not read", "backend", h.backend.Name, "error", err.Error())
		http.Error(w, "the request cannot be read", http.StatusBadRequest)
		return
	}
	x := h.react(transforms.Message{Body: body, Properties: h.requestProperties(r)})
	if x.how.operation == "" {
		http.Error(w, "no operation sends such a message", http.StatusNotFound)
		return
	}
	if !sleep(r.Context(), x.after) || h.ctx.Err() != nil {
		panic(http.ErrAbortHandler)
	}
	switch x.act {
	case "timeout":
		select {
		case <-r.Context().Done():
		case <-h.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	case "disconnect":
		panic(http.ErrAbortHandler) // ends the connection without a reply
	case "abend":
		http.Error(w, "the host has ended abnormally", http.StatusInternalServerError)
		return
	}
	reply := x.reply
	status := http.StatusOK
	if t := r.Header.Get("Content-Type"); t != "" {
		w.Header().Set("Content-Type", t)
	}
	for name, value := range reply.Properties {
		switch v := value.(type) {
		case int64:
			status = int(v) // the only number there is
		case string:
			if name == hosthttp.PropertyContentType {
				name = hosthttp.PropertyHeader + "Content-Type"
			}
			w.Header().Set(strings.TrimPrefix(name, hosthttp.PropertyHeader), v)
		}
	}
	w.WriteHeader(status)
	write := func(b []byte) error {
		_, err := w.Write(b)
		if err == nil && x.act == "drip" {
			err = http.NewResponseController(w).Flush()
		}
		return err
	}
	if x.act == "drip" {
		err = drip(h.ctx, reply.Body, x.over, write)
	} else {
		err = write(reply.Body)
	}
	if err != nil {
		h.log.Warn("simulated host: reply not sent", "backend", h.backend.Name, "error", err.Error())
	}
}

// requestProperties are the properties of a message as the transform set them.
func (h *simulatedHost) requestProperties(r *http.Request) map[string]any {
	p := map[string]any{
		hosthttp.PropertyMethod:      r.Method,
		hosthttp.PropertyPath:        strings.TrimPrefix(r.URL.RequestURI(), strings.TrimSuffix(urlPath(h.backend), "/")),
		hosthttp.PropertyContentType: r.Header.Get("Content-Type"),
		hosthttp.PropertySOAPAction:  strings.Trim(r.Header.Get("SOAPAction"), `"`),
	}
	for name := range r.Header {
		p[hosthttp.PropertyHeader+name] = strings.Join(r.Header.Values(name), ", ")
	}
	return p
}

// urlPath is the path of the first URL of a backend.
func urlPath(b *specs.Backend) string {
	u, err := url.Parse(b.HTTP.URL())
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}
