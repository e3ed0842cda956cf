"""A month of news in minutes: does an archive that is crawled from cron keep all of it, and the peace with its hosts?

`script` says from a seed what happens, `stage` makes it happen on the offline web, `runs` crawls, `judge` and
`manners` hold what came of it against the script. All events, places and persons are invented.
"""
