package main

import (
	"encoding/base64"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var (
	emailIn   = regexp.MustCompile(`[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
	addressIn = regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://(?:[^\s/@"'<>]*@)?(\[[0-9a-fA-F:.]+\]|[^\s/:?#"'<>\\]+)`)
	hostOnly  = regexp.MustCompile(`^(?i:(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|app|cloud|co|info|biz|eu|de|uk|us|fr|ch|at|nl|it|es|pl|ru|cn|jp|in|au|ca|br))$`)
	phoneIn   = regexp.MustCompile(`\+\d[\d ()-]{7,}\d`)
	secretIn  = regexp.MustCompile(`[A-Za-z0-9+/_-]{20,}={0,2}`)
	tokenIn   = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
	prefixed  = regexp.MustCompile(`\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk_live_[A-Za-z0-9]{10,}|` +
		`AIza[A-Za-z0-9_-]{30,}|glpat-[A-Za-z0-9_-]{20,})|-----BEGIN [A-Z ]*PRIVATE KEY-----`)
)

// checkRealLooking reports texts in examples that look like somebody's: secrets,
// hosts, e-mail addresses and phone numbers. The messages do not repeat them.
func checkRealLooking(c *check) {
	hosts := c.knownHosts()
	for _, x := range c.tree.exampleValues() {
		eachText(x.node, func(n *yaml.Node) {
			if what := realLooking(n.Value, hosts); what != "" {
				c.report(x.owner, n, "%s holds %s", x.what, what)
			}
		})
	}
}

// eachText calls f for every text in a value, keys included.
func eachText(n *yaml.Node, f func(n *yaml.Node)) {
	if n.Kind == yaml.ScalarNode && n.Tag != tagInt && n.Tag != tagFloat && n.Tag != tagBool && n.Tag != tagNull {
		f(n)
	}
	for _, child := range n.Content {
		eachText(child, f)
	}
}

// knownHosts returns the hosts in the addresses of the document itself: servers,
// documentation, sources. Variables of servers are {}.
func (c *check) knownHosts() []string {
	var hosts []string
	add := func(address string) {
		for _, m := range addressIn.FindAllStringSubmatch(pathVariable.ReplaceAllString(address, "{}"), -1) {
			hosts = append(hosts, strings.ToLower(m[1]))
		}
	}
	for _, e := range c.tree.all {
		if slices.Contains([]kind{kindServer, kindDocs, kindContact, kindLicense}, e.kind) {
			add(e.text("url"))
		}
	}
	for _, s := range c.sources() {
		add(nodeFieldText(s.node, "address"))
	}
	return hosts
}

// realLooking names what in a text looks real, "" if nothing does.
func realLooking(text string, hosts []string) string {
	for _, m := range emailIn.FindAllStringSubmatch(text, -1) {
		if !exampleHost(m[1]) {
			return "an e-mail address that is not @example.com, .org or .net"
		}
	}
	for _, m := range addressIn.FindAllStringSubmatch(text, -1) {
		if host := strings.Trim(m[1], "[]"); !exampleHost(host) && !knownHost(host, hosts) {
			return "an address whose host is neither example.* nor the vendor's"
		}
	}
	if alone := strings.TrimSpace(text); hostOnly.MatchString(alone) || isAddress(alone) {
		if !exampleHost(alone) && !knownHost(alone, hosts) {
			return "a host that is neither example.* nor the vendor's"
		}
	}
	for _, m := range phoneIn.FindAllString(text, -1) {
		if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(m, " ", ""), "-", ""), "555") {
			return "a phone number without 555"
		}
	}
	return realSecret(text)
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil && strings.ContainsAny(text, ".:")
}

// exampleHost reports whether a host is reserved for examples, local, or an
// address that is not routed.
func exampleHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return exampleAddress(addr)
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if slices.Contains([]string{"example", "test", "invalid", "localhost", "local"}, last) || len(labels) == 1 {
		return true
	}
	return labels[len(labels)-2] == "example" && slices.Contains([]string{"com", "org", "net", "edu"}, last)
}

func exampleAddress(addr netip.Addr) bool {
	if addr.IsPrivate() || addr.IsLoopback() || addr.IsUnspecified() || addr.IsLinkLocalUnicast() || addr.IsMulticast() {
		return true
	}
	for _, block := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "255.255.255.255/32"} {
		if prefix, err := netip.ParsePrefix(block); err == nil && prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// knownHost reports whether a host is one of the vendor's, of which {} stands
// for any label.
func knownHost(host string, hosts []string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(hosts, func(known string) bool {
		prefix, suffix, wild := strings.Cut(known, "{}")
		return host == known || wild && len(host) > len(prefix)+len(suffix) && strings.HasPrefix(host, prefix) && strings.HasSuffix(host, suffix)
	})
}

// realSecret names the secret that a text seems to hold, "" if there is none.
func realSecret(text string) string {
	if m := prefixed.FindString(text); m != "" && !visiblyFake(m) {
		return "a key in the form of a well-known service"
	}
	for _, m := range addressIn.FindAllStringSubmatch(text, -1) {
		if u, err := url.Parse(m[0]); err == nil && u.User != nil {
			if password, ok := u.User.Password(); ok && !visiblyFake(password) {
				return "an address with a password"
			}
		}
	}
	text = tokenIn.ReplaceAllStringFunc(text, func(token string) string {
		if signature := token[strings.LastIndexByte(token, '.')+1:]; signature == "" || visiblyFake(signature) {
			return ""
		}
		return token
	})
	for _, m := range secretIn.FindAllString(text, -1) {
		if randomLooking(m) && !visiblyFake(m) {
			return "a long text that looks random; make it visibly made up, such as 0123456789abcdef"
		}
	}
	return ""
}

// randomLooking reports whether a long run of characters has digits among its
// letters and about as much variety as chance would give it.
func randomLooking(run string) bool {
	var letters, digits, others int
	counts := map[rune]int{}
	for _, r := range run {
		counts[r]++
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("-_/=+", r):
			others++
		default:
			letters++
		}
	}
	if letters < 3 || digits < 3 || others*4 > len(run) {
		return false
	}
	entropy := 0.0
	for _, n := range counts {
		p := float64(n) / float64(len(run))
		entropy -= p * math.Log2(p)
	}
	return entropy > 3
}

// fakeWords are words that nobody would expect in a real secret.
func fakeWords() []string {
	return []string{
		"example", "fake", "demo", "sample", "test", "dummy", "placeholder", "xxxx", "changeme", "redacted", "notreal", "not-a-", "not-real",
		"not_real", "made-up", "madeup", "deadbeef", "cafebabe",
	}
}

// visiblyFake reports whether a text, or what it is the Base64 of, shows that it
// is made up: a telling word, characters in order, or a short pattern again and
// again.
func visiblyFake(text string) bool {
	if plainlyFake(text) {
		return true
	}
	unpadded := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	decoded, err := base64.RawStdEncoding.DecodeString(unpadded)
	return err == nil && utf8.Valid(decoded) && plainlyFake(string(decoded))
}

func plainlyFake(text string) bool {
	lower := strings.ToLower(text)
	if slices.ContainsFunc(fakeWords(), func(word string) bool { return strings.Contains(lower, word) }) {
		return true
	}
	var plain []byte
	for i := range len(lower) {
		if b := lower[i]; b >= '0' && b <= '9' || b >= 'a' && b <= 'z' {
			plain = append(plain, b)
		}
	}
	return inOrder(plain, 1) || inOrder(plain, 2) || repeats(plain)
}

// inOrder reports whether more than half of the characters continue a run: each
// one equal to, after or before the one stride places earlier.
func inOrder(text []byte, stride int) bool {
	if len(text) <= stride {
		return false
	}
	steps := 0
	for i := stride; i < len(text); i++ {
		before, now := text[i-stride], text[i]
		if now == before || now == before+1 || now+1 == before || before == '9' && (now == 'a' || now == '0') || before == 'f' && now == '0' {
			steps++
		}
	}
	return steps*2 > len(text)-stride
}

// repeats reports whether the text is a pattern of at most a third of its length
// again and again.
func repeats(text []byte) bool {
	for period := 1; period*3 <= len(text); period++ {
		same := 0
		for i := period; i < len(text); i++ {
			if text[i] == text[i-period] {
				same++
			}
		}
		if same == len(text)-period {
			return true
		}
	}
	return false
}
