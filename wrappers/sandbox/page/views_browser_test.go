package page_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/page"
)

// serveAt starts a sandbox with its page at an address, and returns what ends
// it.
func serveAt(t *testing.T, address string) (url string, end func()) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := sandbox.NewUnstarted()
	server.URL = "http://" + listener.Addr().String()
	web := &http.Server{Handler: page.Handler(server), ReadHeaderTimeout: time.Minute}
	go func() { _ = web.Serve(listener) }()
	end = func() {
		_ = web.Close()
		server.Close()
	}
	t.Cleanup(end)
	return server.URL, end
}

// TestThePageComesBack: a page that is open says when the sandbox is gone, and
// shows the next one at the same address from its start.
func TestThePageComesBack(t *testing.T) {
	b := openBrowser(t)
	url, end := serveAt(t, "127.0.0.1:0")
	b.look("light", 1400, 900)
	b.do(chromedp.Navigate(url + "/"))
	b.wait(`document.documentElement.dataset.ready === "yes"`)
	b.click(`.card[data-vendor="babel"] [data-do="call"]`)
	b.wait(`document.querySelectorAll("#rows li").length === 1`)
	end()
	b.wait(`!document.querySelector("#connection").hidden`)
	serveAt(t, strings.TrimPrefix(url, "http://"))
	b.wait(`document.querySelector("#connection").hidden`)
	b.wait(`!document.querySelector("#line-empty").hidden && document.querySelectorAll("#log li").length === 0`)
	b.wait(counterIs("babel", "logins", "0"))
	b.click(`.card[data-vendor="babel"] [data-do="call"]`)
	b.wait(`document.querySelectorAll("#rows li").length === 1`)
}

// TestManySessions: the page says how many it leaves out.
func TestManySessions(t *testing.T) {
	b := openBrowser(t)
	server := serve(t)
	b.look("light", 1400, 900)
	b.do(chromedp.Navigate(server.URL + "/"))
	b.wait(`!document.querySelector("#line-empty").hidden && document.querySelector("#line").hidden`)
	login := func(times int) {
		for range times {
			body := `{"username":"` + sandbox.DemoLogin + `","password":"` + sandbox.DemoPassword + `"}`
			ask(t, http.MethodPost, server.URL+"/babel/v1/auth/login", body, "Content-Type", "application/json")
		}
	}
	login(12)
	b.wait(`document.querySelectorAll("#rows li").length === 12 && document.querySelector("#line-more").hidden`)
	login(18)
	b.wait(`document.querySelector("#line-more").textContent.includes("The latest 12 of 30 sessions.")`)
	b.click("#line-all")
	b.wait(`document.querySelectorAll("#rows li").length === 30 && document.querySelector("#line-all").textContent === "Show fewer"`)
	b.pictures("many")
	b.look("light", 1400, 900)
	b.click("#line-all")
	b.wait(`document.querySelectorAll("#rows li").length === 12`)
	login(15)
	b.wait(`document.querySelector("#line-more").textContent.includes("earlier session")`)
	b.wait(`document.querySelector('.card[data-vendor="babel"] .live').textContent === "45 live sessions"`)
}

// TestTabOrder goes through the page with the tabulator: every control is
// reached, from the top to the bottom, and shows that it is.
func TestTabOrder(t *testing.T) {
	b := openBrowser(t)
	server := serve(t)
	b.look("light", 1400, 900)
	b.do(chromedp.Navigate(server.URL + "/"))
	b.wait(`document.documentElement.dataset.ready === "yes"`)
	b.do(chromedp.KeyEvent(kb.Tab))
	b.wait(`document.activeElement.className === "skip" && document.activeElement.getBoundingClientRect().top >= 0`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.wait(`document.activeElement.id === "content"`)
	b.do(chromedp.Navigate(server.URL + "/?again"))
	b.wait(`document.documentElement.dataset.ready === "yes"`)
	eval[bool](b, `(window.reached = [], true)`)
	controls := eval[int](b, `[...document.querySelectorAll("a[href], button, select, input, summary, .log")].filter((e) => e.checkVisibility({visibilityProperty: true})).length`)
	for range controls {
		b.do(chromedp.KeyEvent(kb.Tab))
		if fault := eval[string](b, `(() => {
			const e = document.activeElement, before = reached.at(-1), s = getComputedStyle(e), box = e.getBoundingClientRect();
			reached.push(e);
			if (before && !(before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return "out of order: " + e.outerHTML;
			if (s.outlineStyle !== "solid" || parseFloat(s.outlineWidth) < 2) return "not seen: " + e.outerHTML;
			if (box.bottom < 0 || box.top > innerHeight) return "out of sight: " + e.outerHTML;
			return "";
		})()`); fault != "" {
			t.Error(fault)
		}
	}
	if n := eval[int](b, `new Set(reached).size`); n != controls || controls < 30 {
		t.Errorf("%d of %d controls are reached", n, controls)
	}
}
