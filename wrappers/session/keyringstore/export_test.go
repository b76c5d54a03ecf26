package keyringstore

// A Ring is a key ring.
type Ring = ring

// SetRing puts ring in place of the user's key ring.
func (s *Store) SetRing(ring Ring) { s.ring = ring }
