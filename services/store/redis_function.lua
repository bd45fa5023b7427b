-- What Redis does for the shared log, whole or not at all: a function checks everything before it writes anything,
-- because Redis takes nothing back. Keys: head (hash), log (stream), rows (hash), feed (hash). Versions are decimal
-- texts; they are counted in doubles, exact up to 2^53.

-- Lua passes some 8,000 arguments at most; even, so that pairs stay together.
local chunk = 4000

local function call_in_chunks(command, key, list)
  for i = 1, #list, chunk do
    redis.call(command, key, unpack(list, i, math.min(i + chunk - 1, #list)))
  end
end

local function next_of(version)
  return string.format('%.0f', tonumber(version) + 1)
end

-- Forgets the oldest records beyond `limit` bytes, but never the newest.
local function trim(log, bytes, limit, newest)
  while bytes > limit do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
    if oldest[1] == newest then break end
    bytes = bytes - #oldest[2][4]
    redis.call('XDEL', log, oldest[1])
  end
  return bytes
end

-- Arguments: format, hash of the first place. Makes the store where there is none; answers where its log ends.
local function open(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    redis.call('HSET', keys[1], 'format', args[1], 'version', '0', 'hash', args[2], 'log_bytes', '0')
  end
  return redis.call('HMGET', keys[1], 'version', 'hash')
end

-- Arguments: version and hash of the place, hash after the record, its body, bytes of log to keep. Answers 1 where the
-- record is the log's last, now or already, and 0 where the log does not end at the place.
local function append(keys, args)
  local version, hash, new_hash, body, limit = unpack(args)
  local new_version = next_of(version)
  local head = redis.call('HMGET', keys[1], 'version', 'hash', 'log_bytes')
  if head[1] == new_version and head[2] == new_hash then
    -- Written again so that WAIT, on a new connection too, waits for a write after the record.
    redis.call('HSET', keys[1], 'version', new_version)
    return 1
  end
  if head[1] ~= version or head[2] ~= hash then return 0 end
  local author, puts, deletes, events = unpack(cmsgpack.unpack(body))
  local id = new_version .. '-0'
  redis.call('XADD', keys[2], id, 'hash', new_hash, 'body', body)
  call_in_chunks('HSET', keys[3], puts)
  call_in_chunks('HDEL', keys[3], deletes)
  call_in_chunks('HSET', keys[4], events)
  local bytes = trim(keys[2], tonumber(head[3]) + #body, tonumber(limit), id)
  redis.call('HSET', keys[1], 'version', new_version, 'hash', new_hash, 'log_bytes', string.format('%.0f', bytes))
  redis.call('PUBLISH', keys[2], author)
  return 1
end

-- Arguments: version of a place, bytes and records that are enough. Answers the head's version and hash, the hash of
-- the place where the log still has its record, and hash and body of the records after it.
local function read(keys, args)
  local head = redis.call('HMGET', keys[1], 'version', 'hash')
  local at = redis.call('XRANGE', keys[2], args[1] .. '-0', args[1] .. '-0')[1]
  local records = {}
  local bytes = 0
  local version = args[1]
  while bytes < tonumber(args[2]) and #records < 2 * tonumber(args[3]) do
    version = next_of(version)
    local found = redis.call('XRANGE', keys[2], version .. '-0', version .. '-0')[1]
    if not found then break end
    records[#records + 1] = found[2][2]
    records[#records + 1] = found[2][4]
    bytes = bytes + #found[2][4]
  end
  return {head[1], head[2], at and at[2][2] or false, records}
end

-- Writes nothing new, but something: WAIT after it covers all that was written before.
local function touch(keys, args)
  local version = redis.call('HGET', keys[1], 'version')
  if version then redis.call('HSET', keys[1], 'version', version) end
  return 1
end

redis.register_function('zhuxiao_DIGEST_open', open)
redis.register_function('zhuxiao_DIGEST_append', append)
redis.register_function{function_name = 'zhuxiao_DIGEST_read', callback = read, flags = {'no-writes'}}
redis.register_function('zhuxiao_DIGEST_touch', touch)
