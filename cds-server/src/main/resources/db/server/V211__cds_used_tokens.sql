-- Used tokens under a short number instead of two texts: each call writes one, and every commit rewrites the pages that it touched.
-- What was used in the five minutes before this upgrade is forgotten.

drop table cds_token_use;

-- token_hash is made of issuer and jti. The row goes when the token would be refused as expired.
create table cds_used_token (
    token_hash   bigint                      not null primary key,
    forget_after timestamp(6) with time zone not null
);
create index cds_used_token_dead on cds_used_token (forget_after);
