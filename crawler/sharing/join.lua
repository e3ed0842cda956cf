-- Take part. ARGV: worker, seconds that it is believed to live, token for a new round. Returns the round's token.
bury()
if redis.call('ZCARD', workers) == 0 then
  redis.call('DEL', seen, done)
  for _, url in ipairs(redis.call('HKEYS', tasks)) do
    redis.call('SADD', seen, url)
  end
  redis.call('SET', round, ARGV[3])
end
redis.call('ZADD', workers, now + ARGV[2], worker)
return redis.call('GET', round)
