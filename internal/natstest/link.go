package natstest

import (
	"errors"
	"net"
	"sync"
	"time"
)

// A Link passes on what a client says to a server and what that answers, until it is
// told otherwise. Its methods may be called from several goroutines at once.
type Link struct {
	listener net.Listener
	pumps    sync.WaitGroup

	mu      sync.Mutex
	to      net.Addr // nil before the server has started
	cut     bool
	closed  bool
	delay   time.Duration
	asking  gate
	answers gate
	conns   map[net.Conn]bool
}

// A gate is closed while its channel is not nil; that is closed when it opens.
type gate struct{ held chan struct{} }

func (g *gate) hold(held bool) {
	switch {
	case held && g.held == nil:
		g.held = make(chan struct{})
	case !held && g.held != nil:
		close(g.held)
		g.held = nil
	}
}

func newLink() (*Link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Link{listener: listener, conns: map[net.Conn]bool{}}
	l.pumps.Add(1)
	go l.accept()
	return l, nil
}

// Addr returns the address to connect to.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Hold says whether what is asked, and what is answered, waits. It arrives when it is
// held no more.
func (l *Link) Hold(asking, answers bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking.hold(asking)
	l.answers.hold(answers)
}

// Delay makes everything arrive that much later.
func (l *Link) Delay(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = d
}

// Cut ends all connections, with what is under way on them, and refuses new ones while
// cut is true.
func (l *Link) Cut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		l.drop()
	}
}

// Drop ends all connections, with what is under way on them.
func (l *Link) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
}

func (l *Link) drop() {
	for conn := range l.conns {
		conn.Close()
	}
	clear(l.conns)
}

func (l *Link) target(addr net.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = addr
}

func (l *Link) close() error {
	l.mu.Lock()
	l.closed = true
	l.drop()
	l.asking.hold(false)
	l.answers.hold(false)
	l.mu.Unlock()
	err := l.listener.Close()
	l.pumps.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (l *Link) accept() {
	defer l.pumps.Done()
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		to, refused := l.to, l.cut || l.closed || l.to == nil
		l.mu.Unlock()
		if refused {
			conn.Close()
			continue
		}
		server, err := net.Dial(to.Network(), to.String())
		if err != nil {
			conn.Close()
			continue
		}
		l.mu.Lock()
		if l.cut || l.closed {
			conn.Close()
			server.Close()
			l.mu.Unlock()
			continue
		}
		l.conns[conn], l.conns[server] = true, true
		l.pumps.Add(2)
		l.mu.Unlock()
		go l.pump(server, conn, &l.asking)
		go l.pump(conn, server, &l.answers)
	}
}

// pump passes on bytes until one of the two ends.
func (l *Link) pump(to, from net.Conn, g *gate) {
	defer l.pumps.Done()
	defer func() {
		to.Close()
		from.Close()
		l.mu.Lock()
		delete(l.conns, to)
		delete(l.conns, from)
		l.mu.Unlock()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		for {
			l.mu.Lock()
			held, delay := g.held, l.delay
			l.mu.Unlock()
			if delay > 0 {
				time.Sleep(delay)
			}
			if held == nil {
				break
			}
			<-held
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
