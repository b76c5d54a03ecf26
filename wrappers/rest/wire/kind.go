package wire

// A Kind is what a JSON value is.
type Kind uint8

// The kinds of values. Invalid is no value at all.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String returns the word for k in errors, such as "object".
func (k Kind) String() string {
	return [...]string{"invalid JSON", "null", "bool", "number", "string", "array", "object"}[k%(Object+1)]
}

// Kind tells by its first byte what the value is, and consumes nothing. It
// returns [Invalid] after an error and where no value begins.
func (d *Decoder) Kind() Kind {
	if d.pos < len(d.data) {
		switch d.data[d.pos] {
		case '{':
			return Object
		case '[':
			return Array
		case '"':
			return String
		case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			return Number
		case 't', 'f':
			return Bool
		case 'n':
			return Null
		}
	}
	return Invalid
}
