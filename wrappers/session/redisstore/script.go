package redisstore

import "github.com/redis/go-redis/v9"

// scripts are what runs inside Redis. Each works on one key, and each may run
// twice, since clients repeat a command whose answer got lost: the second run
// has the same answer as the first.
type scripts struct {
	load, swap, lock, extend, unlock *redis.Script
}

// A record is a hash of its version, v, and its data, d.
const (
	// loadScript returns version and data, both nil if there is no record.
	loadScript = `return redis.call('HMGET', KEYS[1], 'v', 'd')`

	// swapScript replaces the record of version ARGV[1] by one of version
	// ARGV[2] with data ARGV[3], which Redis forgets after ARGV[4] ms, or never
	// if that is 0. An empty version is that of no record. It returns 1, or 0
	// if the version is another.
	swapScript = `
local version = redis.call('HGET', KEYS[1], 'v') or ''
if version == ARGV[2] and version ~= '' then return 1 end
if version ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
	redis.call('DEL', KEYS[1])
	return 1
end
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'd', ARGV[3])
if ARGV[4] == '0' then
	redis.call('PERSIST', KEYS[1])
else
	redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1`

	// lockScript takes the lock for the owner ARGV[1] for ARGV[2] ms. It
	// returns -1 if the owner has it, or else for how many ms another one has.
	lockScript = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
	return math.max(redis.call('PTTL', KEYS[1]), 0)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return -1`

	// extendScript lets the owner ARGV[1] keep the lock for another ARGV[2] ms.
	// It returns 0 if the owner has it no longer.
	extendScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

	// unlockScript lets the lock go if the owner ARGV[1] has it.
	unlockScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`
)

func newScripts() scripts {
	return scripts{
		load: redis.NewScript(loadScript), swap: redis.NewScript(swapScript), lock: redis.NewScript(lockScript),
		extend: redis.NewScript(extendScript), unlock: redis.NewScript(unlockScript),
	}
}
