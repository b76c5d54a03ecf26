package wire_test

import (
	"math"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

func TestInt64(t *testing.T) {
	zeros := strings.Repeat("0", 400)
	tests := []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"7", 7, true}, {"-7", -7, true}, {"1657034872", 1657034872, true},
		{"999999999999999999", 999999999999999999, true}, {"1000000000000000000", 1000000000000000000, true},
		{"9223372036854775807", math.MaxInt64, true}, {"-9223372036854775808", math.MinInt64, true},
		{"9223372036854775808", 0, false}, {"-9223372036854775809", 0, false}, {"10000000000000000000", 0, false},
		{"18446744073709551617", 0, false}, {"1" + zeros, 0, false},
		{"15.0", 15, true}, {"1.5e1", 15, true}, {"-1.5E+1", -15, true}, {"150e-1", 15, true}, {"0.0", 0, true}, {"-0.0e5", 0, true},
		{"0e99999999999999999999", 0, true}, {"0e-99999999999999999999", 0, true}, {"0.015e3", 15, true}, {"1e18", 1e18, true},
		{"9223372036854775807.000", math.MaxInt64, true}, {"9223372036854775807e0", math.MaxInt64, true}, {"922337203685477580.7e1", math.MaxInt64, true},
		{"9223372036854775808.0", 0, false}, {"-9223372036854775808.0", math.MinInt64, true}, {"1" + zeros + "e-400", 1, true}, {"0." + zeros + "1e401", 1, true},
		{"1.5", 0, false}, {"15e-1", 0, false}, {"9007199254740993.5", 0, false}, {"1.00000000000000000000000000001", 0, false}, {"1e-400", 0, false},
		{"1e19", 0, false}, {"1e400", 0, false}, {"1e9223372036854775807", 0, false}, {"1e99999999999999999999", 0, false}, {"1e-99999999999999999999", 0, false},
		{"10e9223372036854775807", 0, false}, {"1.5e-9223372036854775808", 0, false},
		{"", 0, false}, {"-", 0, false}, {"+1", 0, false}, {"01", 0, false}, {"-01", 0, false}, {"1.", 0, false}, {".1", 0, false}, {"1e", 0, false}, {"0x1", 0, false},
		{"true", 0, false}, {"null", 0, false}, {"[]", 0, false},
	}
	for _, tt := range tests {
		for _, document := range []string{tt.text, `"` + tt.text + `"`, "[" + tt.text + "]", `["` + tt.text + `"]`} {
			d := wire.NewDecoder(document)
			inArray := strings.HasPrefix(document, "[") && tt.text != "[]" && d.Array() && d.More()
			got := d.Int64()
			if inArray {
				d.More()
			}
			d.End()
			if got != tt.want && tt.ok || (d.Err() == nil) != tt.ok {
				t.Errorf("Int64 of %.40s is %d, error %v; want %d, %v", document, got, d.Err(), tt.want, tt.ok)
			}
		}
	}
}

func TestInt32(t *testing.T) {
	tests := []struct {
		text string
		want int32
		ok   bool
	}{
		{"2147483647", math.MaxInt32, true}, {"-2147483648", math.MinInt32, true}, {`"12"`, 12, true}, {"1e3", 1000, true},
		{"2147483648", 0, false}, {"-2147483649", 0, false}, {"4294967297", 0, false}, {"1.5", 0, false}, {"99999999999999999999", 0, false},
	}
	for _, tt := range tests {
		d := wire.NewDecoder(tt.text)
		if got := d.Int32(); got != tt.want || (d.Err() == nil) != tt.ok {
			t.Errorf("Int32 of %s is %d, error %v; want %d, %v", tt.text, got, d.Err(), tt.want, tt.ok)
		}
	}
}

func TestFloat64(t *testing.T) {
	tests := []struct {
		text string
		want float64
		ok   bool
	}{
		{"0", 0, true}, {"12.5", 12.5, true}, {"-12.5", -12.5, true}, {"0.1", 0.1, true}, {"0.30000000000000004", 0.30000000000000004, true},
		{"9007199254740993", 9007199254740992, true}, {"910.38120247931381", 910.38120247931381, true}, {"0.000000000000000001", 1e-18, true},
		{"1e22", 1e22, true}, {"1e23", 1e23, true}, {"1.7976931348623157e308", math.MaxFloat64, true}, {"5e-324", 5e-324, true}, {"1e-400", 0, true},
		{"123456789012345678901234567890", 123456789012345678901234567890, true}, {`"1.25"`, 1.25, true}, {`"1.25e2"`, 125, true},
		{"1e309", 0, false}, {"-1e309", 0, false}, {"1.", 0, false}, {"01.5", 0, false}, {"NaN", 0, false}, {`"NaN"`, 0, false}, {`"Inf"`, 0, false},
		{`"0x1p4"`, 0, false}, {`"1_0"`, 0, false}, {`" 1"`, 0, false}, {`""`, 0, false}, {"null", 0, false},
	}
	for _, tt := range tests {
		d := wire.NewDecoder(tt.text)
		if got := d.Float64(); got != tt.want || (d.Err() == nil) != tt.ok {
			t.Errorf("Float64 of %s is %v, error %v; want %v, %v", tt.text, got, d.Err(), tt.want, tt.ok)
		}
	}
	for _, text := range []string{"-0", "-0.0", "-0e1"} {
		if got := wire.NewDecoder(text).Float64(); got != 0 || !math.Signbit(got) {
			t.Errorf("Float64 of %s is %v", text, got)
		}
	}
}
