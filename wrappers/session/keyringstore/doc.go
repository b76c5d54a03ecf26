// Package keyringstore keeps sessions in the key ring of the user's desktop:
// Keychain on macOS, Credential Manager on Windows, and the Secret Service
// (GNOME Keyring, KWallet, KeePassXC) elsewhere. It is for programs that a
// person runs; servers rarely have a key ring.
//
//	locks, err := filestore.New(filepath.Join(cacheDir, "acme"))
//	if err != nil {
//		return err
//	}
//	store, err := keyringstore.New("acme-cli", locks, keyringstore.WithInteraction())
//	if err != nil {
//		return err
//	}
//	client, err := acme.New(credentials, session.WithStore(store))
//
// If the key ring cannot be used, the store fails with [ErrUnavailable], and
// nothing is written anywhere else: an engine then goes on in memory, or stops
// if told to by [session.FailClosed]. A program that would rather have files
// chooses package filestore itself.
//
// A call of a key ring cannot be interrupted. It is waited for as long as the
// store is told to, at most; if the key ring does not answer, one goroutine
// stays with the call, further calls wait for it, and none is made beside it:
// the process makes one call at a time, whatever the number of Stores.
package keyringstore
