// SPDX-License-Identifier: Apache-2.0

package soap_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/soap"
)

// hostile are replies that ask for a file or a host, or for more memory than there is.
func hostile() []string {
	const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a http://127.0.0.1:9/a.xsd"><s:Body>%s</s:Body></s:Envelope>`
	laughs := `<!DOCTYPE l [<!ENTITY a "ha">`
	for c := 'b'; c <= 'k'; c++ {
		laughs += fmt.Sprintf(`<!ENTITY %c "%s">`, c, strings.Repeat(fmt.Sprintf("&%c;", c-1), 10))
	}
	return []string{
		`<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">` + fmt.Sprintf(body, ""),
		`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>` + fmt.Sprintf(body, "&e;"),
		`<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>` + fmt.Sprintf(body, ""),
		laughs + "]>" + fmt.Sprintf(body, "&k;"),
		fmt.Sprintf(body, `<?xml-stylesheet href="http://127.0.0.1:9/a.xsl"?>`),
		fmt.Sprintf(body, `<xi:include href="file:///etc/hostname"/>`),
		fmt.Sprintf(body, `<GetNameResponse xmlns="urn:names" xsi:schemaLocation="urn:names http://127.0.0.1:9/a.xsd"><Name xmlns="">Anna</Name></GetNameResponse>`),
	}
}

const namesWSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:names" targetNamespace="urn:names">
  <import namespace="urn:other" location="http://127.0.0.1:9/other.wsdl"/>
  <types><x:schema targetNamespace="urn:names"><x:import namespace="urn:more" schemaLocation="file:///etc/hostname"/>
    <x:element name="GetNameResponse"><x:complexType><x:sequence><x:element name="Name" type="x:string"/></x:sequence></x:complexType></x:element></x:schema></types>
  <message name="m"><part name="p" element="t:GetNameResponse"/></message>
  <portType name="N"><operation name="Get"><input message="t:m"/><output message="t:m"/></operation></portType>
  <binding name="N" type="t:N"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Get"><soap:operation soapAction=""/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="N"><port name="N" binding="t:N"><soap:address location="http://127.0.0.1:9/"/></port></service>
</definitions>`

// TestReadsHostile reads them; TestX11Opens looks at what it opens.
func TestReadsHostile(t *testing.T) {
	if os.Getenv("LINTEL_TEST_HOSTILE") == "" {
		t.Skip("a part of TestX11Opens")
	}
	plain := strings.Replace(strings.Replace(namesWSDL, `<import namespace="urn:other" location="http://127.0.0.1:9/other.wsdl"/>`, "", 1), `<x:import namespace="urn:more" schemaLocation="file:///etc/hostname"/>`, "", 1)
	if _, err := os.Stderr.WriteString("reading begins\n"); err != nil {
		t.Fatal(err)
	}
	_, refused := soap.Load(fstest.MapFS{"a.wsdl": {Data: []byte(namesWSDL)}}, "a.wsdl", specs.Pos{}, nil)
	w, findings := soap.Load(fstest.MapFS{"a.wsdl": {Data: []byte(plain)}}, "a.wsdl", specs.Pos{}, nil)
	var read int
	if w != nil && !w.Operations[0].Open().HasErrors() {
		c, _ := w.Operations[0].Reply().Format.(transforms.Codec)
		for _, msg := range hostile() {
			if _, err := c.DecodeJSON(nil, []byte(msg)); err == nil {
				read++
			}
		}
	}
	if _, err := os.Stderr.WriteString("reading ends\n"); err != nil {
		t.Fatal(err)
	}
	if !refused.HasErrors() || findings.HasErrors() || read != 1 {
		t.Errorf("%v, %v, %d were read, want the last one", refused, findings, read)
	}
}
