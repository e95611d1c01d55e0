-- Live pages: a number per topic that goes up with every commit that changes what the topic's pages show.

CREATE TABLE topics (
    key TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
