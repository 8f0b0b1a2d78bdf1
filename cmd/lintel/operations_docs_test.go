// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
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
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   map[string]string `yaml:"metadata"`
	Spec       struct {
		Grace      int            `yaml:"terminationGracePeriodSeconds"`
		Security   map[string]any `yaml:"securityContext"`
		Containers []struct {
			Name      string           `yaml:"name"`
			Image     string           `yaml:"image"`
			Args      []string         `yaml:"args"`
			Ports     []map[string]any `yaml:"ports"`
			Env       []map[string]any `yaml:"env"`
			Resources map[string]any   `yaml:"resources"`
			Security  map[string]any   `yaml:"securityContext"`
			Startup   probe            `yaml:"startupProbe"`
			Readiness probe            `yaml:"readinessProbe"`
			Liveness  probe            `yaml:"livenessProbe"`
			Mounts    []struct {
				Name     string `yaml:"name"`
				Path     string `yaml:"mountPath"`
				ReadOnly bool   `yaml:"readOnly"`
			} `yaml:"volumeMounts"`
		} `yaml:"containers"`
		Volumes []struct {
			Name      string `yaml:"name"`
			ConfigMap struct {
				Name  string `yaml:"name"`
				Items []struct {
					Key  string `yaml:"key"`
					Path string `yaml:"path"`
				} `yaml:"items"`
			} `yaml:"configMap"`
		} `yaml:"volumes"`
	} `yaml:"spec"`
}

type probe struct {
	Exec struct {
		Command []string `yaml:"command"`
	} `yaml:"exec"`
	Period   int `yaml:"periodSeconds"`
	Failures int `yaml:"failureThreshold"`
}

// TestDocsPod reads the Pod of the guide: its keys, what it runs, what it sets and what it mounts.
func TestDocsPod(t *testing.T) {
	page := readDoc(t, operationsPage)
	block := regexp.MustCompile("(?s)```yaml\n(apiVersion: v1\nkind: Pod.*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatal("no Pod")
	}
	var pod examplePod
	d := yaml.NewDecoder(strings.NewReader(block[1]))
	d.KnownFields(true)
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
