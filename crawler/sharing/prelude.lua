-- What each script of a publisher's share begins with. KEYS[1]: the publisher's prefix. ARGV[1]: the worker.
-- Times are Redis's own, so that the clocks of the workers' machines do not matter.
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local worker = ARGV[1]
local workers = KEYS[1] .. 'workers' -- who takes part, and until when each is believed to live
local round = KEYS[1] .. 'round' -- a token; another one means that Redis has forgotten what it was told
local tasks = KEYS[1] .. 'tasks' -- address -> what to ask for, of all that is open
local queue = KEYS[1] .. 'queue' -- addresses that wait, the most urgent first
local seen = KEYS[1] .. 'seen' -- addresses announced in this round
local done = KEYS[1] .. 'done' -- of these, those whose visit has ended
local sequence = KEYS[1] .. 'sequence'
local function held(name)
  return KEYS[1] .. 'held:' .. name
end
local function due(url)
  return 'dateline:due:' .. redis.sha1hex(url) -- stands until an address is due again
end
local function bury()
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', workers, '-inf', now)) do
    for _, url in ipairs(redis.call('SMEMBERS', held(dead))) do
      redis.call('ZADD', queue, 0, url)
    end
    redis.call('DEL', held(dead))
    redis.call('ZREM', workers, dead)
  end
end
