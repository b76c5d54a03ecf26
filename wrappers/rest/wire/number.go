package wire

import (
	"strconv"
	"strings"
)

// Int64 consumes an integer, or a string that holds one. It takes a fraction
// or an exponent as well if the number is integral: 15.0, 1.5e1.
func (d *Decoder) Int64() int64 {
	n, decimals, end, exact := scanNumber(d.data, d.pos)
	if exact && decimals == 0 {
		d.pos = end
		return n
	}
	at := d.pos
	n, fault := integer(d.number("integer"))
	if fault != "" {
		d.fail(at, fault)
	}
	return n
}

// Int32 is [Decoder.Int64] for numbers of 32 bits. It fails on others.
func (d *Decoder) Int32() int32 {
	at := d.pos
	n := d.Int64()
	if n < -1<<31 || n > 1<<31-1 {
		d.fail(at, "integer out of range")
		return 0
	}
	return int32(n)
}

// Float64 consumes a number, or a string that holds one, and returns the
// nearest float64. It fails if the number is larger than any.
func (d *Decoder) Float64() float64 {
	// Where float64 is exact for n and for the power of ten, dividing rounds
	// once, to the nearest.
	n, decimals, end, exact := scanNumber(d.data, d.pos)
	if exact && -1<<53 <= n && n <= 1<<53 {
		d.pos = end
		if decimals == 0 {
			return float64(n)
		}
		return float64(n) / powersOfTen[decimals]
	}
	at := d.pos
	f, err := strconv.ParseFloat(d.number("number"), 64)
	if err != nil {
		d.fail(at, "number out of range")
		return 0
	}
	return f
}

//nolint:gochecknoglobals // a table of constants
var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// scanNumber returns the index behind the number at s[i], or ^j if the byte at
// j is wrong. If exact, the number is n divided by ten to the power of decimals;
// it is not where it is -0 or has an exponent or more than 18 digits.
func scanNumber(s string, i int) (n int64, decimals, end int, exact bool) {
	sign := int64(1)
	if i < len(s) && s[i] == '-' {
		sign, i = -1, i+1
	}
	end, n = digits(s, i, 0)
	count := end - i
	if count == 0 || count > 1 && s[i] == '0' {
		return 0, 0, ^i, false
	}
	if end < len(s) && s[end] == '.' {
		i = end + 1
		if end, n = digits(s, i, n); end == i {
			return 0, 0, ^i, false
		}
		decimals = end - i
	}
	exact = count+decimals <= 18 && (sign > 0 || n > 0)
	if end < len(s) && s[end]|0x20 == 'e' {
		i, exact = end+1, false
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if end, _ = digits(s, i, 0); end == i {
			return 0, 0, ^i, false
		}
	}
	return sign * n, decimals, end, exact
}

// digits appends the digits of s from i on to the number n, and returns the
// index behind them. It is wrong about n beyond 18 digits.
func digits(s string, i int, n int64) (end int, value int64) {
	for i < len(s) && s[i]-'0' <= 9 {
		n = n*10 + int64(s[i]-'0')
		i++
	}
	return i, n
}

// number consumes a number, or a string that holds one, and returns it as
// written; "0" after an error.
func (d *Decoder) number(want string) string {
	at := d.pos
	switch d.Kind() {
	case Number:
		_, _, end, _ := scanNumber(d.data, at)
		if end > 0 {
			d.pos = end
			return d.data[at:end]
		}
		d.fail(^end, "invalid number")
	case String:
		text := d.String()
		if _, _, end, _ := scanNumber(text, 0); end == len(text) {
			return text
		}
		d.fail(at, "want "+want+", have string")
	default:
		d.mismatch(want)
	}
	return "0"
}

// integer returns the value of a number, or why int64 cannot hold it.
func integer(text string) (n int64, fault string) {
	exponent := int64(0)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, _ = strconv.ParseInt(text[i+1:], 10, 64) // the nearest there is
		text = text[:i]
	}
	whole, decimals, _ := strings.Cut(text, ".")
	digits := strings.TrimRight(whole+decimals, "0")
	if strings.Trim(digits, "-0") == "" {
		return 0, ""
	}
	zeros := exponent + int64(len(whole)-len(digits))
	if zeros < 0 {
		return 0, "want integer, have a fraction"
	}
	n, err := strconv.ParseInt(digits+strings.Repeat("0", int(min(zeros, 20))), 10, 64)
	if err != nil {
		return 0, "integer out of range"
	}
	return n, ""
}
