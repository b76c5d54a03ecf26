// Package filestore keeps sessions in files, for one user of one machine:
// programs that run again and again, and processes that share an account.
//
//	store, err := filestore.New(filepath.Join(configDir, "acme"))
//	if err != nil {
//		return err
//	}
//	client, err := acme.New(credentials, session.WithStore(store))
//
// The files hold sessions and refresh tokens in clear, never a password. What
// protects them is that nobody else can read them: the directory has mode 0700
// and its files 0600, they belong to the user, and none of them is a symbolic
// link. Whatever is not so is neither read nor replaced but refused with
// [ErrUnsafe]. On Windows the access control list of the directory decides;
// only symbolic links are refused there.
//
// A record is written to a new file that then takes the place of the old one,
// so that a reader sees one or the other and a crash leaves one or the other.
// It is on the disk when [Store.CompareAndSwap] returns.
//
// Locks are those of the operating system: one whose holder dies is free. They
// lie on files of their own, which stay for ever; whoever deletes the
// directory while programs use it takes the risk of two sign-ins. Network file
// systems are as good as their locks.
package filestore
