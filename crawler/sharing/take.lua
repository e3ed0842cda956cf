-- Say that the worker lives, and take addresses. ARGV: worker, seconds that it is believed to live, round, how many.
-- Returns how many are open elsewhere, then the tasks; or {-1} where the round is another one, or it was given up.
if redis.call('GET', round) ~= ARGV[3] or not redis.call('ZSCORE', workers, worker) then
  return {-1}
end
redis.call('ZADD', workers, now + ARGV[2], worker)
bury()
local taken = {0}
local found = redis.call('ZPOPMIN', queue, ARGV[4])
for i = 1, #found, 2 do
  redis.call('SADD', held(worker), found[i])
  taken[#taken + 1] = redis.call('HGET', tasks, found[i])
end
local open = redis.call('ZCARD', queue)
for _, other in ipairs(redis.call('ZRANGE', workers, 0, -1)) do
  if other ~= worker then
    open = open + redis.call('SCARD', held(other))
  end
end
taken[1] = open
return taken
