// SPDX-License-Identifier: Apache-2.0

package amqptest

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters/adaptertest"
)

// patience is how long a broker may take to start.
const patience = 90 * time.Second

// Broker is a real broker that runs for a test.
type Broker struct {
	// Name says which it is.
	Name string
	// Address is host:port.
	Address string
	// User and Password are the login; empty for SASL ANONYMOUS.
	User, Password string
	// TLS is what a client needs, if the broker speaks TLS: the certificate of the client is its login.
	TLS *tls.Config
	// Dynamic tells that it makes reply addresses itself.
	Dynamic bool

	t     testing.TB
	start func() *exec.Cmd
	cmd   *exec.Cmd
	said  *output
	ended chan struct{}
	// prefix goes in front of the name of a queue.
	prefix string
	// kept is when the last of Kept was made.
	kept time.Time
}

// keeping is how long RabbitMQ may take until a queue that it has made is on disk (Mnesia's log is written within two
// seconds).
const keeping = 3 * time.Second

// Queue is the address of a queue.
func (b *Broker) Queue(name string) string { return b.prefix + name }

// Kept is the address of a queue that is there and outlives restarts of the broker. RabbitMQ makes the queue of an address
// /queue/NAME as durable as the link that names it first says, and loses it at a restart if that says nothing; what
// messages say of themselves does not change that.
func (b *Broker) Kept(t testing.TB, name string) string {
	t.Helper()
	s := session(t, b.Dial)
	if _, err := s.NewSender(t.Context(), b.Queue(name), &amqp.SenderOptions{TargetDurability: amqp.DurabilityConfiguration}); err != nil {
		t.Fatal(err)
	}
	b.kept = time.Now()
	return "/amq" + b.Queue(name)
}

// Dial connects a client that plays a host.
func (b *Broker) Dial(ctx context.Context) (*amqp.Conn, error) {
	o := &amqp.ConnOptions{SASLType: amqp.SASLTypeAnonymous()}
	scheme := "amqp://"
	switch {
	case b.TLS != nil:
		o.SASLType, o.TLSConfig, scheme = amqp.SASLTypeExternal(""), b.TLS, "amqps://"
	case b.User != "":
		o.SASLType = amqp.SASLTypePlain(b.User, b.Password)
	}
	return amqp.Dial(ctx, scheme+b.Address, o)
}

// Start starts the broker again after Kill.
func (b *Broker) Start() {
	b.t.Helper()
	b.cmd, b.said = b.start(), &output{}
	b.cmd.Stdout, b.cmd.Stderr = b.said, b.said
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := b.cmd.Start(); err != nil {
		b.t.Fatalf("%s: %v", b.Name, err)
	}
	b.cmd.WaitDelay = time.Second // what it has started may hold its output
	b.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) { _ = cmd.Wait(); close(ended) }(b.cmd, b.ended)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-b.ended:
			b.t.Fatalf("%s ended at once:\n%s", b.Name, b.said)
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		c, err := b.Dial(ctx)
		cancel()
		if err == nil {
			_ = c.Close()
			return
		}
	}
	b.Kill()
	b.t.Fatalf("%s did not start within %v:\n%s", b.Name, patience, b.said)
}

// Kill ends the broker and all its processes at once. It waits until they ended and nobody listens any more.
func (b *Broker) Kill() {
	time.Sleep(time.Until(b.kept.Add(keeping)))
	_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	<-b.ended
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", b.Address) //nolint:noctx // loopback, refused at once
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

// missing skips or fails a test whose broker is not there.
func missing(t testing.TB, name, script string) {
	t.Helper()
	if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing: run scripts/peers/%s.sh", name, script)
	}
	t.Skipf("SKIPPED, NOT TESTED: %s is missing: run scripts/peers/%s.sh", name, script)
}

// root is the folder of the repository.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}

// port reserves a port for the test: nobody else gets it, also while a broker is down.
func port(t testing.TB) string {
	t.Helper()
	_, p, err := net.SplitHostPort(adaptertest.Reserve(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Proton starts the broker of Qpid Proton. It ends with the test.
func Proton(t testing.TB) *Broker {
	t.Helper()
	binary := filepath.Join(root(t), ".build", "proton", "broker")
	if _, err := os.Stat(binary); err != nil {
		missing(t, "the Proton broker", "proton")
	}
	b := &Broker{Name: "Proton", Address: "127.0.0.1:" + port(t), Dynamic: true, t: t}
	b.start = func() *exec.Cmd { return exec.Command(binary, "-a", b.Address) } //nolint:noctx,gosec // ends by its handle
	b.Start()
	t.Cleanup(b.Kill)
	return b
}

// rabbit is where Debian's package has RabbitMQ.
const rabbit = "/usr/lib/rabbitmq/bin/rabbitmq-server"

// RabbitMQ starts RabbitMQ 3 with its plugin for AMQP 1.0. It ends with the test.
func RabbitMQ(t testing.TB) *Broker {
	t.Helper()
	b := newRabbit(t)
	b.User, b.Password = "guest", "guest"
	b.rabbit("[rabbitmq_amqp1_0].", "listeners.tcp.1 = "+b.Address, nil)
	return b
}

// RabbitMQTLS is RabbitMQ with TLS, where certificates log in (SASL EXTERNAL).
func RabbitMQTLS(t testing.TB) *Broker {
	t.Helper()
	b := newRabbit(t)
	c := newCertificates(t, "guest")
	b.TLS = c.client
	b.rabbit("[rabbitmq_amqp1_0,rabbitmq_auth_mechanism_ssl].", strings.Join([]string{
		"listeners.tcp = none", "listeners.ssl.1 = " + b.Address,
		"ssl_options.cacertfile = DIR/ca.pem", "ssl_options.certfile = DIR/server.pem", "ssl_options.keyfile = DIR/server.key",
		"ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true",
		"ssl_cert_login_from = common_name", "auth_mechanisms.1 = EXTERNAL",
	}, "\n"), c.files)
	return b
}

func newRabbit(t testing.TB) *Broker {
	t.Helper()
	if _, err := os.Stat(rabbit); err != nil {
		missing(t, "RabbitMQ", "rabbitmq")
	}
	return &Broker{Name: "RabbitMQ", Address: "127.0.0.1:" + port(t), prefix: "/queue/", t: t}
}

// rabbit starts it with plugins, lines of its configuration, in which DIR stands for its folder, and more files.
func (b *Broker) rabbit(plugins, conf string, files map[string]string) {
	t := b.t
	t.Helper()
	dir := t.TempDir()
	dist, epmd := port(t), port(t)
	all := map[string]string{
		"enabled_plugins":     plugins,
		"rabbitmq.conf":       strings.ReplaceAll(conf, "DIR", dir) + "\namqp1_0.default_user = none\namqp1_0.default_vhost = /\nlog.file.level = error\n",
		"home/.erlang.cookie": "lintel" + strconv.Itoa(os.Getpid()),
	}
	maps.Copy(all, files)
	for name, text := range all {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	_, amqpPort, _ := net.SplitHostPort(b.Address)
	env := append(os.Environ(), strings.Split(fmt.Sprintf(
		"HOME=%[1]s/home|RABBITMQ_NODENAME=lintel%[2]s@localhost|RABBITMQ_MNESIA_BASE=%[1]s/mnesia|RABBITMQ_LOG_BASE=%[1]s/log|"+
			"RABBITMQ_CONFIG_FILE=%[1]s/rabbitmq|RABBITMQ_ENABLED_PLUGINS_FILE=%[1]s/enabled_plugins|RABBITMQ_PID_FILE=%[1]s/pid|"+
			"ERL_EPMD_ADDRESS=127.0.0.1|ERL_EPMD_PORT=%[4]s|RABBITMQ_DIST_PORT=%[3]s|RABBITMQ_LOGS=-|"+
			"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
		dir, amqpPort, dist, epmd), "|")...)
	names := exec.Command("epmd", "-port", epmd, "-address", "127.0.0.1") //nolint:noctx // ends by its handle
	names.Env = env
	if err := names.Start(); err != nil {
		t.Fatalf("epmd: %v", err)
	}
	t.Cleanup(func() { _ = names.Process.Kill(); _ = names.Wait() })
	// Before it listens RabbitMQ would start one of its own, and leave it behind.
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", "127.0.0.1:"+epmd) //nolint:noctx // loopback
		if err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatalf("epmd does not listen: %v", err)
		}
	}
	b.start = func() *exec.Cmd {
		c := exec.Command(rabbit) //nolint:noctx // ends by its handle
		c.Env, c.Dir = env, dir
		return c
	}
	b.Start()
	t.Cleanup(b.Kill)
}
