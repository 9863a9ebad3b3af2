-- migrate:up
insert into film (id, title, year) values (1, 'Alien', 1979), (2, 'Heat', 1995);
insert into actor (id, name) values (1, 'Sigourney Weaver'), (2, 'Al Pacino');
insert into film_actor (film_id, actor_id) values (1, 1), (2, 2);

-- migrate:down
delete from film_actor;
delete from actor;
delete from film;
