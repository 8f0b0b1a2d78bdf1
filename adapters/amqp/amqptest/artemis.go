// SPDX-License-Identifier: Apache-2.0

package amqptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Artemis starts ActiveMQ Artemis, with its journal in a folder of the test. It ends with the test.
func Artemis(t testing.TB) *Broker {
	t.Helper()
	build := filepath.Join(root(t), ".build", "artemis")
	if _, err := os.Stat(filepath.Join(build, "stamp")); err != nil {
		missing(t, "the Artemis broker", "artemis")
	}
	b := &Broker{Name: "Artemis", Address: "127.0.0.1:" + port(t), Dynamic: true, t: t}
	data := t.TempDir()
	b.start = func() *exec.Cmd {
		classes := filepath.Join(build, "classes") + string(os.PathListSeparator) + filepath.Join(build, "lib", "*")
		return exec.Command("java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classes, "Broker", b.Address, data) //nolint:noctx,gosec // ends by its handle
	}
	b.Start()
	t.Cleanup(b.Kill)
	return b
}
