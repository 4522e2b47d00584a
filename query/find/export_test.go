package find

// What spelling is, for the slow model that says who is alike.
var (
	Latin = latin
	Sound = sound
)

// Score compares two names.
func Score(asked, name string) float64 {
	w, err := want(asked)
	if err != nil {
		panic(err)
	}
	return w.score(name)
}
