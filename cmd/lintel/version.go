// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version = ""

type versionInfo struct {
	FormatVersion string `json:"formatVersion"`
	Version       string `json:"version"`
	Revision      string `json:"revision,omitempty"`
	Go            string `json:"go"`
	Platform      string `json:"platform"`
	// IBMMQ tells that this binary reaches queue managers of IBM MQ.
	IBMMQ bool `json:"ibmMQ"`
}

func readVersion() versionInfo {
	v := versionInfo{FormatVersion: "1.0", Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, IBMMQ: hasMQ}
	info, ok := debug.ReadBuildInfo()
	if ok && v.Version == "" {
		v.Version = info.Main.Version
	}
	if ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Revision = s.Value
			}
		}
	}
	if v.Version == "" {
		v.Version = "(devel)"
	}
	return v
}

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print version, Go version and platform",
		Example: "  lintel version\n  lintel version --output json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if p.output == "json" {
				return json.NewEncoder(p.stdout).Encode(v)
			}
			more := ""
			if v.IBMMQ {
				more = ", with IBM MQ"
			}
			_, err := fmt.Fprintf(p.stdout, "lintel %s (%s, %s%s)\n", v.Version, v.Go, v.Platform, more)
			return err
		},
	}
}
