INSERT INTO item WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    SELECT i, (i * 7919) % 100003, printf('item-%015d', i), i * 0.25 FROM n;
INSERT INTO user WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    SELECT i, printf('user-%015d', i), printf('user-%d@example.org', i) FROM n;
INSERT INTO post WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    SELECT i, printf('post-%015d', i), printf('What post %d has to say, in a sentence of usual length.', i),
        1 + (i * 7) % 100 FROM n;
INSERT INTO flag WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    SELECT i, printf('flag-%015d', i), 1 + (i * 13) % 1000, 1 + (i * 11) % 200 FROM n;
