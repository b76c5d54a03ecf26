package page_test

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// TestInABrowser does with the page what a person does, and takes pictures: in a
// temporary folder, or in that of LATCHKEY_SCREENSHOTS.
func TestInABrowser(t *testing.T) {
	b := openBrowser(t)
	server := serve(t)
	if _, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.look("light", 1400, 900)
	b.do(chromedp.Navigate(server.URL + "/"))
	b.wait(`document.documentElement.dataset.ready === "yes"`)
	b.wait(`document.querySelectorAll(".card").length === 4`)

	showsAProgram(b, server)
	showsThePagesOwnClient(b, server)
	showsFaults(b, server)
	showsHowSessionsEnd(b)
	b.pictures("sessions")
	b.click("#reset")
	b.wait(counterIs("alertsite", "logins", "0"))
	worksByKeyboard(b, server)
	showsOperations(b)
	b.pictures("operations")
	triesAnOperationOut(b, server)
	b.pictures("reference")
	signsInEverywhere(b, server)
	b.named()
	b.clean(server.URL)
}

// showsAProgram lets a program call a stand-in: its session is seen, and that it
// is renewed after its token has expired.
func showsAProgram(b *browser, server *sandbox.Server) {
	b.t.Helper()
	standin := server.Vendor(sandbox.Misaka)
	client, err := misaka.New(misaka.Credentials{Email: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword)}, session.WithBaseURL(standin.URL()))
	if err != nil {
		b.t.Fatal(err)
	}
	call := func() {
		if _, err := client.ListDevices(b.t.Context()); err != nil {
			b.t.Fatal(err)
		}
	}
	call()
	b.wait(`document.querySelector('#rows [data-vendor="misaka"][data-state="live"]') !== null`)
	before := server.Clock().Now()
	b.click(`[data-minutes="15"]`)
	b.wait(`document.querySelector("#ahead").textContent.includes("15 min")`)
	if moved := server.Clock().Now().Sub(before).Minutes(); moved < 15 || moved > 16 {
		b.t.Errorf("the clock moved by %v minutes, want 15", moved)
	}
	call()
	b.wait(`document.querySelector('#rows [data-vendor="misaka"] .mark.refresh') !== null`)
	b.wait(`document.querySelector('#rows [data-vendor="misaka"] .mark.replay') !== null`)
	b.wait(counterIs("misaka", "refreshes", "1") + " && " + counterIs("misaka", "replays", "1") + " && " + counterIs("misaka", "logins", "1"))
	for _, kind := range []string{"login", "expired", "unauthorized", "refresh", "replay", "call"} {
		b.wait(`document.querySelector('#log [data-vendor="misaka"][data-kind="` + kind + `"]') !== null`)
	}
}

func counterIs(vendor, name, value string) string {
	return `document.querySelector('.card[data-vendor="` + vendor + `"] [data-counter="` + name + `"]').textContent === "` + value + `"`
}

// showsThePagesOwnClient lets the page call without another program. An hour
// later the session has expired, and the next call opens another.
func showsThePagesOwnClient(b *browser, server *sandbox.Server) {
	b.t.Helper()
	b.click(`.card[data-vendor="anomify"] [data-do="many"]`)
	b.wait(`document.querySelector("#notice").textContent.includes("20 calls")`)
	b.wait(counterIs("anomify", "logins", "1") + " && " + counterIs("anomify", "requests", "21"))
	b.click(`[data-minutes="60"]`)
	b.wait(`document.querySelector('#rows [data-vendor="anomify"][data-state="expired"]') !== null`)
	b.click(`.card[data-vendor="anomify"] [data-do="call"]`)
	b.wait(`document.querySelector('#rows [data-vendor="anomify"][data-state="live"]') !== null`)
	b.wait(counterIs("anomify", "logins", "2") + " && " + counterIs("anomify", "replays", "1"))
	if n := len(server.Vendor(sandbox.Anomify).Sessions()); n != 2 {
		b.t.Errorf("%d sessions of anomify, want 2", n)
	}
}

// showsFaults switches a fault on, and sees it used up.
func showsFaults(b *browser, server *sandbox.Server) {
	b.t.Helper()
	choose := func(name, value string) {
		b.do(chromedp.SetValue(chromedp.CSS(`#fault [name="`+name+`"]`), value))
		eval[bool](b, `document.querySelector('#fault [name="`+name+`"]').dispatchEvent(new Event("change", {bubbles: true}))`)
	}
	choose("vendor", "babel")
	choose("operation", "getLoggedInUser")
	b.do(chromedp.SetValue(chromedp.CSS(`#fault [name="status"]`), "500"))
	b.click(`#fault button[type="submit"]`)
	b.wait(`document.querySelector("#faults").textContent.includes("Babel: status 500, getLoggedInUser, once")`)
	b.click(`.card[data-vendor="babel"] [data-do="call"]`)
	b.wait(`document.querySelector("#notice.bad")?.textContent.includes("500")`)
	b.wait(`document.querySelector("#faults").textContent === ""`)
	choose("kind", "delay")
	b.wait(`document.querySelector('#fault [name="millis"]').offsetParent !== null && document.querySelector('#fault [name="status"]').offsetParent === null`)
	b.click(`#fault button[type="submit"]`)
	b.wait(`document.querySelector("#faults").textContent.includes("3000 ms late")`)
	b.click(`#faults button`)
	b.wait(`document.querySelector("#faults").textContent === ""`)
	b.click(`.card[data-vendor="babel"] [data-do="call"]`)
	b.wait(`document.querySelector("#notice").textContent.includes("answered")`)
	if n := server.Vendor(sandbox.Babel).Logins(); n != 1 {
		b.t.Errorf("%d logins at babel, want 1", n)
	}
}

// showsHowSessionsEnd signs out, revokes and replaces.
func showsHowSessionsEnd(b *browser) {
	b.t.Helper()
	b.click(`.card[data-vendor="babel"] [data-do="close"]`)
	b.wait(`document.querySelector('#rows [data-vendor="babel"][data-state="logged out"]') !== null`)
	b.click(`.card[data-vendor="alertsite"] [data-do="call"]`)
	b.wait(`document.querySelector('#rows [data-vendor="alertsite"][data-state="live"]') !== null`)
	eval[bool](b, `document.querySelector('.card[data-vendor="alertsite"] details').open = true`)
	b.click(`.card[data-vendor="alertsite"] details label input`)
	b.wait(`document.querySelector("#notice").textContent.includes("rules of AlertSite")`)
	b.click(`.card[data-vendor="alertsite"] [data-do="close"]`)
	b.click(`.card[data-vendor="alertsite"] [data-do="call"]`)
	b.wait(`document.querySelector('#rows [data-vendor="alertsite"][data-state="replaced"]') !== null`)
	b.click(`.card[data-vendor="alertsite"] details button`)
	b.wait(`document.querySelector('#rows [data-vendor="alertsite"][data-state="revoked"]') !== null`)
	eval[bool](b, `document.querySelector('.card[data-vendor="alertsite"] details').open = false`)
}

// worksByKeyboard goes to the clock with the tabulator and moves it.
func worksByKeyboard(b *browser, server *sandbox.Server) {
	b.t.Helper()
	b.look("light", 1400, 900)
	eval[bool](b, `(document.activeElement.blur(), scrollTo(0, 0), true)`)
	eval[bool](b, `(document.body.setAttribute("tabindex", "-1"), document.body.focus(), document.body.removeAttribute("tabindex"), true)`)
	before := server.Clock().Now()
	for range 20 {
		b.do(chromedp.KeyEvent(kb.Tab))
		focused := eval[string](b, `(() => { const e = document.activeElement; const s = getComputedStyle(e);
			return [e.dataset.minutes ?? "", s.outlineStyle, parseFloat(s.outlineWidth) >= 2].join(" ") })()`)
		if focused == "1 solid true" {
			b.do(chromedp.KeyEvent(kb.Enter))
			b.wait(`document.querySelector("#notice").textContent.includes("1 minute further")`)
			if moved := server.Clock().Now().Sub(before).Minutes(); moved < 1 || moved > 2 {
				b.t.Errorf("the clock moved by %v minutes, want 1", moved)
			}
			return
		}
	}
	b.t.Error("the clock cannot be reached with the tabulator, or the focus is not seen")
}

// showsOperations looks an operation up.
func showsOperations(b *browser) {
	b.t.Helper()
	b.click(`.views a[href="#operations"]`)
	b.wait(`document.querySelectorAll("#operations tbody tr").length === 80`)
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "lookup"))
	b.wait(`document.querySelectorAll("#operations tbody tr").length === 1`)
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "\b\b\b\b\b\b"))
	b.wait(`document.querySelectorAll("#operations tbody tr").length === 80`)
	b.click(`.tabs[data-view="operations"] a[data-vendor="misaka"]`)
	b.wait(`document.querySelector("#operations .bar").getAttribute("aria-label") === "3 documented, 7 observed, 35 inferred"`)
	b.click(`#operations .toggle:nth-child(3)`)
	b.wait(`document.querySelectorAll("#operations tbody tr").length === 10`)
	b.wait(`document.querySelector("#operations tbody .sources a[href^='https://']") !== null`)
	b.click(`#operations .toggle:nth-child(3)`)
}

// triesAnOperationOut calls an operation in the reference: refused at first,
// then in a session.
func triesAnOperationOut(b *browser, server *sandbox.Server) {
	b.t.Helper()
	b.look("light", 1400, 900)
	b.do(chromedp.Navigate(server.URL + "/#reference/alertsite/getMonitors"))
	b.wait(`document.querySelector('#reference [data-complete="alertsite"]') !== null`)
	b.wait(`document.querySelector("#reference .opblock.is-open .execute") !== null`)
	refused := server.Vendor(sandbox.AlertSite).Counts()["getMonitors"]
	b.press("#reference .opblock.is-open .execute")
	b.wait(`document.querySelector("#reference .live-responses-table")?.textContent.includes("Session is invalid.")`)
	b.click("#sign-in")
	b.wait(`document.querySelector("#signed-in").textContent.includes("Signed in")`)
	b.press("#reference .opblock.is-open .execute")
	b.wait(`document.querySelector("#reference .live-responses-table").textContent.includes("No errors.")`)
	if n := server.Vendor(sandbox.AlertSite).Counts()["getMonitors"] - refused; n != 2 {
		b.t.Errorf("%d calls of getMonitors arrived, want 2", n)
	}
}

// signsInEverywhere opens the reference of each vendor, signs in there and tries
// an operation out.
func signsInEverywhere(b *browser, server *sandbox.Server) {
	b.t.Helper()
	calls := map[sandbox.Vendor]string{sandbox.Anomify: "getUserInfo", sandbox.Misaka: "listDevices", sandbox.Babel: "getLoggedInUser"}
	for _, v := range []sandbox.Vendor{sandbox.Anomify, sandbox.Misaka, sandbox.Babel} {
		before := server.Vendor(v).Logins()
		b.click(`.tabs[data-view="reference"] a[data-vendor="` + string(v) + `"]`)
		b.wait(`document.querySelector('#reference [data-complete="` + string(v) + `"]') !== null`)
		b.click("#sign-in")
		b.wait(`document.querySelector("#signed-in").textContent.includes("Signed in")`)
		if n := server.Vendor(v).Logins() - before; n != 1 {
			b.t.Errorf("%s: %d logins, want 1", v, n)
		}
		b.wait(`document.querySelector("#reference .btn.authorize.locked") !== null`)
		eval[bool](b, `(location.hash = "#reference/`+string(v)+"/"+calls[v]+`", true)`)
		b.wait(`document.querySelector("#reference .opblock.is-open .execute") !== null`)
		b.press("#reference .opblock.is-open .execute")
		b.wait(`[...document.querySelectorAll("#reference .live-responses-table .response-col_status")].some((e) => e.textContent.includes("200"))`)
		b.wait(`document.title.startsWith("Try out ")`)
	}
	b.click("#reference .btn.authorize")
	b.wait(`document.querySelector("#reference .auth-container")?.textContent.includes("Authorized")`)
	b.click("#reference .close-modal")
}
