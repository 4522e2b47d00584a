package quadstore

// Eager has a store remember the edges of every entity, from the first time on.
func Eager(s *Store) *Store {
	s.space.(*projection).busy.eager = true
	return s
}
