-- Visits have ended. ARGV: worker, then each address and the seconds until it is due again ('0': nothing is known).
for i = 2, #ARGV, 2 do
  local url = ARGV[i]
  redis.call('SREM', held(worker), url)
  redis.call('ZREM', queue, url) -- given to the others while this worker was thought dead
  redis.call('HDEL', tasks, url)
  redis.call('SADD', seen, url)
  redis.call('SADD', done, url)
  if tonumber(ARGV[i + 1]) >= 1 then
    redis.call('SET', due(url), worker, 'EX', math.floor(tonumber(ARGV[i + 1])))
  end
end
return 0
