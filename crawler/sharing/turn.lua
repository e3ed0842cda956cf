-- May a host be asked now? KEYS[1]: the host's prefix. ARGV: a token of the request, the delay in seconds that the
-- worker keeps, how many requests may be under way, seconds after which one is forgotten.
-- Returns '0' and notes it where it may; else the seconds after which to ask again; or 'rest' and why it is left alone.
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local rest = redis.call('GET', KEYS[1] .. 'rest')
if rest then
  return 'rest ' .. rest
end
local under_way = KEYS[1] .. 'under_way'
local pace = KEYS[1] .. 'pace'
redis.call('ZREMRANGEBYSCORE', under_way, '-inf', now)
local wait = tonumber(redis.call('HGET', pace, 'next') or '0') - now
if wait > 0 then
  return tostring(wait)
end
if redis.call('ZCARD', under_way) >= tonumber(ARGV[3]) then
  return '0.05'
end
local delay = math.max(tonumber(ARGV[2]), tonumber(redis.call('GET', KEYS[1] .. 'slow') or '0'))
redis.call('ZADD', under_way, now + ARGV[4], ARGV[1])
redis.call('EXPIRE', under_way, 3600)
redis.call('HSET', pace, 'next', tostring(now + delay))
redis.call('EXPIRE', pace, 3600)
return '0'
