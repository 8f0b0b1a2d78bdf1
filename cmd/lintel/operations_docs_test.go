// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lintel/specs"
)

const operationsPage = "../../docs/operations.md"

// TestDocsUnits has systemd itself check the units of the guide for operators.
func TestDocsUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatal("systemd-analyze is missing: run scripts/peers.sh systemd")
		}
		t.Skip("SKIPPED, NOT TESTED: systemd-analyze is missing: run scripts/peers.sh systemd")
	}
	dir := t.TempDir()
	var files []string
	for _, m := range regexp.MustCompile("(?s)```ini\n# /etc/systemd/system/(\\S+)\n(.*?)```").FindAllStringSubmatch(readDoc(t, operationsPage), -1) {
		// The program is not installed here, and its user is not known.
		text := strings.NewReplacer("/usr/local/bin/lintel", "/bin/true", "User=lintel", "User=root").Replace(m[2])
		file := filepath.Join(dir, m[1])
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) != 2 {
		t.Fatalf("%d units", len(files))
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("lintel.")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// examplePod is what the guide uses of a Pod (core/v1). A key that is not here is a mistake of the guide, or
// one to be added with the place in the reference of Kubernetes where it is.
type examplePod struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   map[string]string `json:"metadata"`
	Spec       struct {
		Grace      int            `json:"terminationGracePeriodSeconds"`
		Security   map[string]any `json:"securityContext"`
		Containers []struct {
			Name      string           `json:"name"`
			Image     string           `json:"image"`
			Args      []string         `json:"args"`
			Ports     []map[string]any `json:"ports"`
			Env       []map[string]any `json:"env"`
			Resources map[string]any   `json:"resources"`
			Security  map[string]any   `json:"securityContext"`
			Startup   probe            `json:"startupProbe"`
			Readiness probe            `json:"readinessProbe"`
			Liveness  probe            `json:"livenessProbe"`
			Mounts    []struct {
				Name     string `json:"name"`
				Path     string `json:"mountPath"`
				ReadOnly bool   `json:"readOnly"`
			} `json:"volumeMounts"`
		} `json:"containers"`
		Volumes []struct {
			Name      string `json:"name"`
			ConfigMap struct {
				Name  string `json:"name"`
				Items []struct {
					Key  string `json:"key"`
					Path string `json:"path"`
				} `json:"items"`
			} `json:"configMap"`
		} `json:"volumes"`
	} `json:"spec"`
}

type probe struct {
	Exec struct {
		Command []string `json:"command"`
	} `json:"exec"`
	Period   int `json:"periodSeconds"`
	Failures int `json:"failureThreshold"`
}

// TestDocsPod reads the Pod of the guide: its keys, what it runs, what it sets and what it mounts.
func TestDocsPod(t *testing.T) {
	page := readDoc(t, operationsPage)
	block := regexp.MustCompile("(?s)```yaml\n(apiVersion: v1\nkind: Pod.*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatal("no Pod")
	}
	var pod examplePod
	root, findings := specs.ParseYAML("pod.yaml", []byte(block[1]))
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	d := json.NewDecoder(bytes.NewReader(nodeJSON(root)))
	d.DisallowUnknownFields()
	if err := d.Decode(&pod); err != nil {
		t.Fatal(err)
	}
	if len(pod.Spec.Containers) != 1 || len(pod.Spec.Volumes) != 1 || pod.Spec.Grace <= 30 {
		t.Fatalf("%+v", pod)
	}
	c, volume := pod.Spec.Containers[0], pod.Spec.Volumes[0]
	for _, line := range [][]string{c.Args, c.Startup.Exec.Command[1:], c.Readiness.Exec.Command[1:], c.Liveness.Exec.Command[1:]} {
		root := newRoot(&program{})
		cmd, rest, err := root.Find(line)
		if err != nil || cmd == root || cmd.ParseFlags(rest) != nil {
			t.Errorf("%v is no command: %v", line, err)
		}
	}
	bank, err := os.ReadFile("../../examples/bank/lintel.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Env {
		if name, _ := e["name"].(string); name != "GOMEMLIMIT" && !strings.Contains(string(bank), "${env:"+name) {
			t.Errorf("the bank does not read %s", name)
		}
	}
	if len(c.Mounts) != 1 || c.Mounts[0].Name != volume.Name || !slices.Contains(c.Args, c.Mounts[0].Path) {
		t.Errorf("mounts %+v, volume %s, args %v", c.Mounts, volume.Name, c.Args)
	}
	for _, item := range volume.ConfigMap.Items {
		if _, err := os.Stat(filepath.Join("../../examples/bank", item.Path)); err != nil || filepath.Base(item.Path) != item.Key {
			t.Errorf("%+v: %v", item, err)
		}
	}
}
