package edtf_test

import (
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events/edtf"
)

func ExampleParse() {
	for _, text := range []string{"[2025-08-04..2025-08-10]", "2025-06-31"} {
		t, err := edtf.Parse(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(t)
	}
	// Output:
	// [2025-08-04..2025-08-10]
	// edtf: "2025-06-31" at byte 8: want a day from 01 to 30, found 31
}

func ExampleTime_Bounds() {
	b := edtf.MustParse("2004-06/..").Bounds()
	fmt.Println(time.Unix(b.StartMin, 0).UTC())
	fmt.Println(time.Unix(b.StartMax, 0).UTC())
	fmt.Println(b.EndOpen, b.EndMax == edtf.MaxInstant)
	// Output:
	// 2004-06-01 00:00:00 +0000 UTC
	// 2004-06-30 23:59:59 +0000 UTC
	// true true
}

// "He is expected on Wednesday or Thursday": was it before the deadline?
func ExampleTime_Possibly() {
	visit := edtf.MustParse("[2025-08-06,2025-08-07]")
	for _, deadline := range []string{"2025-08-07", "2025-08-08"} {
		w := edtf.MustParse(deadline)
		fmt.Println(deadline, visit.Possibly(edtf.Before, w), visit.Certainly(edtf.Before, w))
	}
	// Output:
	// 2025-08-07 true false
	// 2025-08-08 true true
}

// An office held since 1999, with no end known, and one with no end.
func ExampleTime_Certainly() {
	w := edtf.MustParse("2025-08")
	for _, held := range []string{"1999-12-31/", "1999-12-31/.."} {
		t := edtf.MustParse(held)
		fmt.Println(held, t.Possibly(edtf.Overlaps, w), t.Certainly(edtf.Overlaps, w))
	}
	// Output:
	// 1999-12-31/ true false
	// 1999-12-31/.. true true
}

func ExampleConstraint() {
	c := edtf.MustParse("[2025-08-06,2025-08-08]").Constraint()
	for _, s := range c.Stretches {
		fmt.Println(s.StartMin, s.EndMax)
	}
	fmt.Println(c.Combine == edtf.OneOf)
	// Output:
	// 1754438400 1754524799
	// 1754611200 1754697599
	// true
}
