-- migrate:up
create table actor (
    id    integer not null primary key,
    name  varchar(200) not null
);
create table film_actor (
    film_id   integer not null references film (id),
    actor_id  integer not null references actor (id),
    primary key (film_id, actor_id)
);

-- migrate:down
drop table film_actor;
drop table actor;
