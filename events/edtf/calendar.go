package edtf

const secondsPerDay = 86400

// maxYear is the last year, towards past and future, whose every instant an
// int64 of seconds holds.
const maxYear = 292_277_000_000

func leap(year int64) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

func daysIn(year int64, month int) int {
	switch month {
	case 2:
		if leap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// dayNumber returns the number of days from 1970-01-01 to the day, for a year
// within maxYear. The algorithm is days_from_civil of Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms".
func dayNumber(year int64, month, day int) int64 {
	// The year begins in March, so that the leap day is its last.
	m := int64(month) - 3
	if m < 0 {
		m += 12
		year--
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	y := year - era*400
	return era*146097 + y*365 + y/4 - y/100 + (153*m+2)/5 + int64(day) - 1 - 719468
}

// yearStart returns the first instant of the year, MinInstant or MaxInstant
// outside maxYear.
func yearStart(year int64) int64 {
	switch {
	case year < -maxYear:
		return MinInstant
	case year > maxYear:
		return MaxInstant
	}
	return dayNumber(year, 1, 1) * secondsPerDay
}

// yearEnd returns the last instant of the year, MinInstant or MaxInstant outside
// maxYear.
func yearEnd(year int64) int64 {
	switch {
	case year < -maxYear:
		return MinInstant
	case year > maxYear:
		return MaxInstant
	}
	return dayNumber(year+1, 1, 1)*secondsPerDay - 1
}

// part returns the first month, 1 to 12, of a season or other part of a year,
// and its length in months. Code is 21 to 41 (ISO 8601-2:2019, 4.8.1).
func part(code int) (month, months int) {
	switch {
	case code <= 24: // seasons, as those of the north
		return 3 + 3*(code-21), 3
	case code <= 28: // of the north
		return 3 + 3*(code-25), 3
	case code <= 32: // of the south: spring is September
		return (8+3*(code-29))%12 + 1, 3
	case code <= 36: // quarters
		return 1 + 3*(code-33), 3
	case code <= 39: // thirds
		return 1 + 4*(code-37), 4
	}
	return 1 + 6*(code-40), 6
}

// partDays returns the first and last day of a part of the year, which may end
// in the next.
func partDays(year int64, code int) (first, last int64) {
	month, months := part(code)
	first = dayNumber(year, month, 1)
	month += months
	if month > 12 {
		month -= 12
		year++
	}
	return first, dayNumber(year, month, 1) - 1
}
