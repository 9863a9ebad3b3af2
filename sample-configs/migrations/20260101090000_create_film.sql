-- migrate:up
create table film (
    id     integer not null primary key,
    title  varchar(200) not null,
    year   integer not null
);
create index film_year on film (year);

-- migrate:down
drop table film;
