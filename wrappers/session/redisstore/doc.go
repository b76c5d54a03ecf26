// Package redisstore shares sessions between processes, and between machines,
// through Redis 5 or later, or anything that speaks its protocol and runs its
// scripts. A [Store] is a session.Store:
//
//	client := redis.NewClient(&redis.Options{Addr: "redis.example.com:6379", TLSConfig: &tls.Config{}})
//	store, err := redisstore.New(client, []rest.Secret{key})
//	if err != nil {
//		return err
//	}
//	engine, err := session.New(driver, baseURL, session.WithStore(store))
//
// What Redis holds is sealed with AES-256-GCM under a key of the caller's:
// whoever reads Redis, its files or its backups learns how long a session is,
// but not what is in it, and cannot make one up. Whoever writes to Redis can
// still delete sessions, put an older state of a session back, and hold locks.
//
// The lock of an account has an owner and a lease. The lease is extended while
// the lock is held, by one goroutine, and ends by itself if the process dies.
// A process that stood still for longer than the lease has lost the lock
// without knowing; what it then writes is refused, since the record has another
// version than the one it has read.
//
// Redis confirms a write before its replicas and its disk have it. If it loses
// one in a failover, processes that load the older state may use a refresh
// token twice; vendors that forbid that end the session, and the next call
// signs in. Set appendfsync always, or min-replicas-to-write, if that is too
// often.
//
// Scripts run on the primary, never on a replica: an older state of a session
// is worse than none. The user of the client needs the commands EVAL, EVALSHA,
// GET, SET, PTTL, PEXPIRE, PERSIST, DEL, HGET, HMGET and HSET, for keys that
// begin with the prefix. Each key has a hash tag, so that what belongs to an
// account is on one node of a cluster.
package redisstore
