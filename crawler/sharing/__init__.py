"""Several workers, on one machine or many, share the publishers of one crawl through Redis (`REDIS_URL`).

Each worker is an ordinary `scrapy crawl` or `crawlall` that writes its own archive. What it would ask for by itself it
announces to all; each address is handed to one of them, which holds it until its visit has ended. What a worker held
that has died is handed to another. Redis knows addresses, never pages: should it lose all, the workers tell it again.

| module | what it is |
|---|---|
| `shared` | the connection: scripts, patience, whose turn it is to ask a host |
| `share` | one publisher's part in it: announced, held, ended |
| `scheduler` | Scrapy's scheduler over a share |
| `*.lua` | the steps that have to be one: each runs in Redis undisturbed |
"""
