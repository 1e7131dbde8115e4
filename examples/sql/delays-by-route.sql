-- Where mail waits: the delay of a hop since the next older line, by the pair of hosts.
-- DuckDB over a Parquet file with a row for each hop:
--     headertls scan --output hops.parquet mail/
-- Only lines that own servers wrote. A negative delay is no delay but two clocks that disagree: such
-- hops are counted and left out of the seconds.
SELECT
    coalesce(client_rdns, client_helo, client_address, '(not named)') AS client,
    coalesce(server_name, server_address, '(not named)') AS server,
    count(*) AS hops,
    count(*) FILTER (delay < 0) AS clocks_disagree,
    median(delay) FILTER (delay >= 0) AS median_seconds,
    quantile_cont(delay, 0.95) FILTER (delay >= 0) AS p95_seconds,
    max(delay) FILTER (delay >= 0) AS longest_seconds
FROM read_parquet('hops.parquet')
WHERE trust IN ('own', 'boundary') AND delay IS NOT NULL
GROUP BY client, server
ORDER BY median_seconds DESC NULLS LAST, client, server;
