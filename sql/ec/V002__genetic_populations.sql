-- The generations of the genetic algorithms.

CREATE TABLE ec.genetic_populations (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    optimization_id uuid NOT NULL,
    generation integer NOT NULL,
    status text NOT NULL DEFAULT 'initialized',
    population_size integer NOT NULL,
    individuals jsonb COMPRESSION lz4 NOT NULL,
    best_fitness double precision,
    mean_fitness double precision,
    worst_fitness double precision,
    diversity numeric(3, 2),
    mutation_rate numeric(3, 2) NOT NULL DEFAULT 0.10,
    crossover_rate numeric(3, 2) NOT NULL DEFAULT 0.70,
    elite_count integer NOT NULL DEFAULT 0,
    selection_method text NOT NULL DEFAULT 'tournament',
    constitutional_compliance_score numeric(3, 2),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT genetic_populations_pkey PRIMARY KEY (id),
    CONSTRAINT genetic_populations_optimization_generation_key UNIQUE (optimization_id, generation),
    CONSTRAINT genetic_populations_optimization_id_fkey FOREIGN KEY (optimization_id)
    REFERENCES ec.optimization_history (id),
    CONSTRAINT genetic_populations_generation_check CHECK (generation >= 0),
    CONSTRAINT genetic_populations_status_check CHECK (
        status IN ('initialized', 'evaluating', 'evaluated', 'selected', 'discarded')
    ),
    CONSTRAINT genetic_populations_size_check CHECK (population_size > 0),
    CONSTRAINT genetic_populations_individuals_check CHECK (jsonb_typeof(individuals) = 'array'),
    CONSTRAINT genetic_populations_fitness_check CHECK (
        status NOT IN ('evaluated', 'selected') OR (best_fitness IS NOT NULL AND mean_fitness IS NOT NULL)
    ),
    CONSTRAINT genetic_populations_diversity_check CHECK (diversity BETWEEN 0.00 AND 1.00),
    CONSTRAINT genetic_populations_mutation_rate_check CHECK (mutation_rate BETWEEN 0.00 AND 1.00),
    CONSTRAINT genetic_populations_crossover_rate_check CHECK (crossover_rate BETWEEN 0.00 AND 1.00),
    CONSTRAINT genetic_populations_elite_count_check CHECK (elite_count BETWEEN 0 AND population_size),
    CONSTRAINT genetic_populations_selection_check CHECK (
        selection_method IN ('tournament', 'roulette', 'rank', 'truncation', 'nsga2')
    ),
    CONSTRAINT genetic_populations_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT genetic_populations_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE ec.genetic_populations IS 'Populations of genetic algorithms, one row per run and generation.';
COMMENT ON COLUMN ec.genetic_populations.id IS 'Key.';
COMMENT ON COLUMN ec.genetic_populations.optimization_id IS 'The run.';
COMMENT ON COLUMN ec.genetic_populations.generation IS 'Number of the generation in the run, from 0.';
COMMENT ON COLUMN ec.genetic_populations.status IS
'initialized, evaluating, evaluated (fitness known), selected (as parents of the next) or discarded.';
COMMENT ON COLUMN ec.genetic_populations.population_size IS 'Number of individuals.';
COMMENT ON COLUMN ec.genetic_populations.individuals IS
'Array: genome and fitness of each individual. Compressed by lz4. May be shortened to the elite once selected.';
COMMENT ON COLUMN ec.genetic_populations.best_fitness IS 'Fitness of the best; the run says which end is good.';
COMMENT ON COLUMN ec.genetic_populations.mean_fitness IS 'Mean of the fitness.';
COMMENT ON COLUMN ec.genetic_populations.worst_fitness IS 'Fitness of the worst.';
COMMENT ON COLUMN ec.genetic_populations.diversity IS '0.00 (all alike) to 1.00; NULL until measured.';
COMMENT ON COLUMN ec.genetic_populations.mutation_rate IS 'Share of the genes that mutate, 0.00 to 1.00.';
COMMENT ON COLUMN ec.genetic_populations.crossover_rate IS 'Share of the offspring of two parents, 0.00 to 1.00.';
COMMENT ON COLUMN ec.genetic_populations.elite_count IS 'Best individuals that are kept as they are.';
COMMENT ON COLUMN ec.genetic_populations.selection_method IS 'tournament, roulette, rank, truncation or nsga2.';
COMMENT ON COLUMN ec.genetic_populations.constitutional_compliance_score IS
'Compliance of the best individual, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN ec.genetic_populations.created_at IS 'When the generation was made.';
COMMENT ON COLUMN ec.genetic_populations.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ec.genetic_populations.constitutional_hash IS 'Constitution under which the row was written.';
