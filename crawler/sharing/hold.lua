-- A host refused a worker: nobody asks it for so long, and then at that worker's pace. KEYS[1]: the host's prefix.
-- ARGV: seconds, the delay in seconds that the worker keeps now, seconds for which the others keep it, too.
local clock = redis.call('TIME')
local until_then = clock[1] + clock[2] / 1000000 + ARGV[1]
local pace = KEYS[1] .. 'pace'
if tonumber(redis.call('HGET', pace, 'next') or '0') < until_then then
  redis.call('HSET', pace, 'next', tostring(until_then))
  redis.call('EXPIRE', pace, 3600)
end
redis.call('SET', KEYS[1] .. 'slow', ARGV[2], 'EX', ARGV[3])
return 0
