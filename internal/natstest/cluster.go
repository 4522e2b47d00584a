// Package natstest runs NATS servers with JetStream inside this process, for tests,
// benchmarks and examples: one server, or a cluster whose servers are killed, started
// again, cut off from each other and slowed down.
//
// The servers listen on the loopback interface, at ports that the system chooses, and
// sync every record to disk. All that clients and servers say to each other goes
// through a [Link], which a test may hold, delay or cut. A user "app" may do
// everything in the account APP, a user "reader" only what reading a record of
// events/jetstream takes, a user "deaf" everything but hear that a record was appended, a
// user "single" everything but read several records at once, a user "unanswered" everything
// but hear answers, and a user "system" belongs to the system account. A password is the user's name.
//
// A server that is killed says goodbye to nobody, but it writes what it holds to disk
// first: how a server's files outlive the loss of power is not shown here.
package natstest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options change how servers run. Nil and zero values mean the defaults.
type Options struct {
	// SyncInterval is the servers' sync_interval. Default: "always".
	SyncInterval string
	// MaxPayload is the largest message in bytes. Default: the server's, 1 MiB.
	MaxPayload int
}

// Patience is how long servers may take to start, to stop or to find a leader.
const Patience = 60 * time.Second

// A Cluster is one or more servers. Its methods may be called from several goroutines
// at once.
type Cluster struct {
	opts  Options
	dir   string
	nodes []*Node
	links map[[2]int]*Link // from one server to another
}

// A Node is one of the servers, also while it does not run.
type Node struct {
	Name    string
	Clients *Link // between it and its clients

	cluster *Cluster
	index   int

	mu     sync.Mutex
	server *server.Server // nil if it does not run
}

// Start starts servers that keep their files in dir, and waits until they have found a
// leader. One server alone is no cluster and keeps one replica.
func Start(dir string, servers int, opts *Options) (*Cluster, error) {
	if opts == nil {
		opts = new(Options)
	}
	c := &Cluster{opts: *opts, dir: dir, links: map[[2]int]*Link{}}
	for i := range servers {
		n := &Node{Name: fmt.Sprintf("n%d", i+1), cluster: c, index: i}
		c.nodes = append(c.nodes, n)
		var err error
		if n.Clients, err = newLink(); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
		for k := range servers {
			if k == i {
				continue
			}
			if c.links[[2]int{i, k}], err = newLink(); err != nil {
				return nil, errors.Join(err, c.Stop())
			}
		}
	}
	for _, n := range c.nodes {
		if err := n.start(); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	if err := c.Ready(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// URL returns the addresses of all servers, with the user app.
func (c *Cluster) URL() string {
	var urls []string
	for _, n := range c.nodes {
		urls = append(urls, n.URL())
	}
	return strings.Join(urls, ",")
}

// Nodes returns the servers.
func (c *Cluster) Nodes() []*Node { return c.nodes }

// Node returns the server of that name, nil if there is none.
func (c *Cluster) Node(name string) *Node {
	for _, n := range c.nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// Stop ends all servers and links.
func (c *Cluster) Stop() error {
	for _, n := range c.nodes {
		n.Kill()
	}
	var failed error
	for _, l := range c.links {
		if l != nil {
			failed = cmp.Or(failed, l.close())
		}
	}
	for _, n := range c.nodes {
		if n.Clients != nil {
			failed = cmp.Or(failed, n.Clients.close())
		}
	}
	return failed
}

// Ready waits until the servers that run have found a leader, and it has found them.
func (c *Cluster) Ready() error {
	if len(c.nodes) == 1 {
		return nil
	}
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		running, leaders, found := 0, 0, 0
		for _, n := range c.nodes {
			s := n.running()
			if s == nil {
				continue
			}
			running++
			if !s.JetStreamIsLeader() {
				continue
			}
			leaders++
			if info, err := s.Jsz(nil); err == nil && info.Meta != nil {
				found = 1
				for _, r := range info.Meta.Replicas {
					if r.Current && !r.Offline {
						found++
					}
				}
			}
		}
		if leaders == 1 && found == running {
			return nil
		}
		if time.Since(began) > Patience {
			return fmt.Errorf("natstest: after %v %d of %d servers that run are found, %d lead", Patience, found, running, leaders)
		}
	}
}

// Between returns the links between a server and the others.
func (c *Cluster) Between(n *Node) (links []*Link) {
	for pair, l := range c.links {
		if pair[0] == n.index || pair[1] == n.index {
			links = append(links, l)
		}
	}
	return links
}

// Isolate cuts a server off from the others: what they say to each other does not
// arrive until Join. Its clients still reach it.
func (c *Cluster) Isolate(n *Node) {
	for _, l := range c.Between(n) {
		l.Hold(true, true)
	}
}

// Join lets a server that was isolated hear the others again; what was said meanwhile
// arrives late.
func (c *Cluster) Join(n *Node) {
	for _, l := range c.Between(n) {
		l.Hold(false, false)
	}
}

// URL returns the address of this server alone, with the user app.
func (n *Node) URL() string { return n.UserURL("app") }

// UserURL is URL with another user.
func (n *Node) UserURL(user string) string {
	return fmt.Sprintf("nats://%s:%s@%s", user, user, n.Clients.Addr())
}

// DirectURL is URL without the link.
func (n *Node) DirectURL() string {
	return "nats://app:app@" + n.running().Addr().String()
}

// Kill ends the server. Nobody is told: its links are cut first.
func (n *Node) Kill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server == nil {
		return
	}
	n.Clients.Cut(true)
	for _, l := range n.cluster.Between(n) {
		l.Cut(true)
	}
	n.server.Shutdown()
	n.server.WaitForShutdown()
	n.server = nil
}

// Start starts the server again, with the files that it left. It does not wait for a
// leader.
func (n *Node) Start() error {
	if n.running() != nil {
		return nil
	}
	return n.start()
}

func (n *Node) running() *server.Server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.server
}

var config = template.Must(template.New("").Parse(`
server_name: {{.Name}}
listen: "127.0.0.1:-1"
{{if .MaxPayload}}max_payload: {{.MaxPayload}}{{end}}
jetstream {
  store_dir: {{printf "%q" .Dir}}
  sync_interval: {{printf "%q" .SyncInterval}}
  max_file: 1TB
}
{{if .Clustered}}
cluster {
  name: natstest
  listen: "127.0.0.1:-1"
  advertise: "127.0.0.1:1" # nobody is there: servers find each other by their links alone
  no_advertise: true
  pool_size: -1
  routes: [
    {{range .Routes}}"nats-route://{{.}}"
    {{end}}
  ]
}
{{end}}
accounts {
  APP {
    jetstream: enabled
    users: [
      {user: app, password: app}
      {user: reader, password: reader, permissions: {
        publish: ["$JS.API.STREAM.INFO.onrecord", "$JS.API.STREAM.MSG.GET.onrecord", "$JS.API.DIRECT.GET.onrecord"]
        subscribe: ["_INBOX.>", "onrecord.appended"]
      }}
      {user: single, password: single, permissions: {publish: {deny: "$JS.API.DIRECT.GET.>"}}}
      {user: unanswered, password: unanswered, permissions: {subscribe: {deny: "_INBOX.>"}}}
      {user: deaf, password: deaf, permissions: {subscribe: {deny: "*.appended"}}}
    ]
  }
  SYSTEM { users: [{user: system, password: system}] }
}
system_account: SYSTEM
`))

func (n *Node) start() error {
	c := n.cluster
	var routes []string
	for k := range c.nodes {
		if k != n.index {
			routes = append(routes, c.links[[2]int{n.index, k}].Addr())
		}
	}
	var text bytes.Buffer
	dir := filepath.Join(c.dir, n.Name)
	if err := config.Execute(&text, map[string]any{
		"Name": n.Name, "Dir": dir, "Clustered": len(c.nodes) > 1, "Routes": routes,
		"SyncInterval": cmp.Or(c.opts.SyncInterval, "always"), "MaxPayload": c.opts.MaxPayload,
	}); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	opts := &server.Options{NoSigs: true, NoLog: true, NoSystemAccount: false}
	if err := opts.ProcessConfigString(text.String()); err != nil {
		return fmt.Errorf("natstest: %s: %w", n.Name, err)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("natstest: %s: %w", n.Name, err)
	}
	if path := os.Getenv("NATSTEST_LOG"); path != "" {
		opts.LogFile, opts.NoLog, opts.Logtime = path+"-"+n.Name, false, true
		s.ConfigureLogger()
	}
	s.Start()
	if !s.ReadyForConnections(Patience) {
		s.Shutdown()
		return fmt.Errorf("natstest: %s: not ready after %v", n.Name, Patience)
	}
	n.mu.Lock()
	n.server = s
	n.mu.Unlock()
	n.Clients.target(s.Addr())
	n.Clients.Cut(false)
	for pair, l := range c.links {
		if pair[1] == n.index {
			l.target(s.ClusterAddr())
		}
		if pair[0] == n.index || pair[1] == n.index {
			l.Cut(false)
		}
	}
	return nil
}
