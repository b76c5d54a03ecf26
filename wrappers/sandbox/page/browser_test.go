package page_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A browser is one tab of a headless Chromium.
type browser struct {
	t     *testing.T
	ctx   context.Context
	shots string

	mu       sync.Mutex
	errors   []string // of the console
	requests []string // addresses of what was loaded
}

// openBrowser starts a browser, or skips the test if there is none.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("the page is not tested in a browser: -short")
	}
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"}
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skipf("the page is not tested in a browser: none of %s is installed", strings.Join(names, ", "))
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-first-run", true),
	)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	b := &browser{t: t, shots: os.Getenv("LATCHKEY_SCREENSHOTS")}
	if b.shots == "" {
		b.shots = t.TempDir()
	} else if err := os.MkdirAll(b.shots, 0o750); err != nil {
		t.Fatal(err)
	}
	b.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.do() // starts it
	return b
}

// hear notes errors and what is loaded.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.errors = append(b.errors, fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.errors = append(b.errors, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			text := ""
			for _, arg := range e.Args {
				text += " " + string(arg.Value) + arg.Description
			}
			b.errors = append(b.errors, "console:"+text)
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("%v\nconsole: %s", err, strings.Join(b.errors, "\n"))
	}
}

// wait waits until an expression is true.
func (b *browser) wait(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(time.Minute)))
	if err != nil {
		b.shot("failed")
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("waiting for %s: %v\nconsole: %s", expression, err, strings.Join(b.errors, "\n"))
	}
}

// eval returns the value of an expression.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// press clicks on something that may still be moving: the reference scrolls
// smoothly to an operation, and a click at a place could miss it.
func (b *browser) press(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	eval[bool](b, `(document.querySelector(`+strconv.Quote(selector)+`).click(), true)`)
}

// look sets the colours and the size of the window.
func (b *browser) look(scheme string, width, height int64) {
	b.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, height))
}

// shot takes a picture of the whole page.
func (b *browser) shot(name string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(b.shots, name+".png"), picture, 0o600)
	}
	if err != nil {
		b.t.Errorf("picture %s: %v", name, err)
	}
}

// clean reports errors of the console, and requests to other hosts.
func (b *browser) clean(origin string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.errors {
		b.t.Errorf("console: %s", text)
	}
	loaded := 0
	for _, url := range b.requests {
		switch {
		case strings.HasPrefix(url, origin+"/"):
			loaded++
		case !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "about:"):
			b.t.Errorf("loaded from another host: %s", url)
		}
	}
	if loaded == 0 {
		b.t.Error("no request was seen, so the check says nothing")
	}
}

// pictures shows the page in light, dark and narrow, and checks that nothing
// sticks out at the side, and that all can be read.
func (b *browser) pictures(view string) {
	b.t.Helper()
	for _, p := range []struct {
		name, scheme  string
		width, height int64
	}{{"light", "light", 1400, 900}, {"dark", "dark", 1400, 900}, {"narrow", "light", 360, 780}, {"narrow-dark", "dark", 360, 780}} {
		b.look(p.scheme, p.width, p.height)
		eval[bool](b, `(scrollTo(0, 0), document.querySelector("#notice").classList.remove("shown"), true)`)
		b.do(chromedp.Sleep(150 * time.Millisecond)) // the line is drawn again
		if over := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			b.t.Errorf("%s, %s: the page is %d pixels too wide, because of %s", view, p.name, over, eval[string](b, `[...document.querySelectorAll("body *")].
				filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth).map((e) => e.tagName + "." + e.className).join(" ")`))
		}
		if text := eval[string](b, faint); text != "" {
			b.t.Errorf("%s, %s: hard to read:\n%s", view, p.name, text)
		}
		b.shot(view + "-" + p.name)
	}
}

// named checks that controls have a name for those who do not see them.
func (b *browser) named() {
	b.t.Helper()
	bare := eval[string](b, `[...document.querySelectorAll("button, select, input, textarea, a[href], [role=img], nav, [tabindex]")]
		.filter((e) => !e.closest("#reference"))
		.filter((e) => !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.labels?.length || e.textContent.trim() || e.matches("main")))
		.map((e) => e.outerHTML).join("\n")`)
	if bare != "" {
		b.t.Errorf("controls without a name:\n%s", bare)
	}
}
