package postgres

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// What a proxy does with bytes that a client has sent.
type fate int

const (
	pass       fate = iota
	losesAll        // the connection is cut before the server gets them
	losesReply      // the server gets them and answers; the connection is cut instead of passing that on
	stalls          // nothing gets through from then on, though the connection stays
)

// A proxy stands between stores and a server.
type proxy struct {
	server   string
	listener net.Listener
	group    sync.WaitGroup

	mu    sync.Mutex
	judge func(sent []byte) fate // nil passes all
	delay time.Duration          // of each piece, either way
	conns map[net.Conn]bool
}

// newProxy returns a proxy for the server of a connection string, and the string that
// leads through it.
func newProxy(t testing.TB, target string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{server: u.Host, listener: l, conns: map[net.Conn]bool{}}
	p.group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.group.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cut()
		p.group.Wait()
	})
	u.Host = l.Addr().String()
	return p, u.String()
}

// set makes a judge of all that clients send from now on.
func (p *proxy) set(judge func([]byte) fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// slow delays every piece.
func (p *proxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *proxy) keep(c net.Conn, keep bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if keep {
		p.conns[c] = true
	} else {
		delete(p.conns, c)
	}
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	for _, c := range []net.Conn{client, server} {
		p.keep(c, true)
		defer p.keep(c, false)
	}

	var mu sync.Mutex
	silent := false // answers are not passed on
	answered, gone := make(chan bool, 1), make(chan bool)
	var back sync.WaitGroup
	back.Go(func() {
		defer close(gone)
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			p.pause()
			mu.Lock()
			lost := silent
			mu.Unlock()
			if lost {
				select {
				case answered <- true:
				default:
				}
			} else if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	defer back.Wait()
	defer server.Close()
	buf := make([]byte, 2<<20)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		p.pause()
		p.mu.Lock()
		judge := p.judge
		p.mu.Unlock()
		what := pass
		if judge != nil {
			what = judge(buf[:n])
		}
		mu.Lock()
		silent = what != pass
		mu.Unlock()
		switch what {
		case losesAll:
			return
		case stalls:
			_, _ = io.Copy(io.Discard, client)
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if what == losesReply {
			select {
			case <-answered:
			case <-gone:
			}
			return
		}
	}
}

func (p *proxy) pause() {
	p.mu.Lock()
	delay := p.delay
	p.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay) // it is what makes the network slow
	}
}

// once gives what is first sent with the text in it, as it is or in hexadecimal digits, a
// fate, and passes all else.
func once(text string, what fate) func([]byte) fate {
	var mu sync.Mutex
	done := false
	digits := fmt.Appendf(nil, "%x", text)
	return func(sent []byte) fate {
		mu.Lock()
		defer mu.Unlock()
		if done || !bytes.Contains(sent, []byte(text)) && !bytes.Contains(sent, digits) {
			return pass
		}
		done = true
		return what
	}
}
