package contract

// A Kind says how an answer differs from the description.
type Kind string

// Kinds of findings.
const (
	UnknownProperty    Kind = "unknown property"     // a member that is not described
	OtherType          Kind = "other type"           // a value of another JSON type than is described
	Null               Kind = "null"                 // null where the description does not allow it
	MissingMember      Kind = "missing member"       // a required member is absent
	UnknownEnum        Kind = "unknown enum value"   // a value that is not listed; which one is not kept
	UnknownStatus      Kind = "unknown status"       // an HTTP status that is not described
	UnknownContentType Kind = "unknown content type" // a media type that is not described
)

// An entry is what is known of one place in answers.
type entry struct {
	at        path
	pointer   string
	level     string // certainty of the description there
	described string
	media     string
	types     types
	open      bool
	base      int // how much of at is described
}

type factKey struct {
	kind  Kind // "" for what agrees
	where string
	media string
}

// facts are what one answer shows.
type facts struct {
	entries map[factKey]*entry
	left    int // how many more are taken
	dropped bool
}

// maxFacts is how many different places of one answer are noted.
const maxFacts = 2000

func newFacts() *facts { return &facts{entries: make(map[factKey]*entry), left: maxFacts} }

// find notes a difference.
func (f *facts) find(kind Kind, e entry) {
	f.note(factKey{kind: kind, where: e.at.String(), media: e.media}, e)
}

// confirm notes that a value is as described.
func (f *facts) confirm(e entry) { f.note(factKey{where: e.at.String()}, e) }

func (f *facts) note(key factKey, e entry) {
	if known := f.entries[key]; known != nil {
		known.types |= e.types
		return
	}
	if f.left == 0 {
		f.dropped = true
		return
	}
	f.left--
	f.entries[key] = &e
}

// take adds what other shows.
func (f *facts) take(other *facts) {
	for key, e := range other.entries {
		f.note(key, *e)
	}
	f.dropped = f.dropped || other.dropped
}

// weight says how badly the facts differ from the description.
func (f *facts) weight() int {
	n := 0
	for key := range f.entries {
		switch key.kind {
		case "":
		case OtherType, Null, MissingMember:
			n += 3
		default:
			n++
		}
	}
	return n
}

// maxTallied is how many different places of all answers are kept.
const maxTallied = 10_000

// A tally adds up the facts of all answers.
type tally struct {
	entries map[tallyKey]*tallied
	dropped int // answers of which something was left out
}

type tallyKey struct {
	op     *operation
	status int
	factKey
}

type tallied struct {
	entry
	count int // answers
}

func newTally() tally { return tally{entries: make(map[tallyKey]*tallied)} }

func (t *tally) add(op *operation, status int, f *facts) {
	dropped := f.dropped
	for fact, e := range f.entries {
		key := tallyKey{op, status, fact}
		known := t.entries[key]
		switch {
		case known != nil:
			known.types |= e.types
			known.count++
		case len(t.entries) < maxTallied:
			t.entries[key] = &tallied{entry: *e, count: 1}
		default:
			dropped = true
		}
	}
	if dropped {
		t.dropped++
	}
}
