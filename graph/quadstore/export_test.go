package quadstore

// Eager has a store remember all that it may, from the first time on.
func Eager(s *Store) *Store {
	p := s.space.(*projection)
	p.busy.eager, p.classes.eager = true, true
	return s
}
