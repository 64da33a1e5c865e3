-- Settings of the service with the requirements' numbers. A setting that is there stays as it is, so operators' changes last.

INSERT INTO dgm.system_configurations (
    config_key, category, value_type, config_value, is_read_only, description
)
VALUES
('slow_query_threshold_ms', 'monitoring', 'float', '200.0', false,
'Mean execution time in ms from which dgm.slow_queries lists a statement.'),
('connection_utilization_threshold', 'monitoring', 'float', '0.8', false,
'Share of the connections in use from which an alert is raised.'),
('cache_hit_ratio_threshold', 'monitoring', 'float', '0.9', false,
'Share of blocks found in shared buffers below which an alert is raised.'),
('slow_query_count_threshold', 'monitoring', 'integer', '10', false,
'Number of slow statements above which an alert is raised.'),
('alert_cooldown_minutes', 'alerting', 'integer', '15', false,
'Minutes before the same alert is raised again.'),
('max_alerts_per_hour', 'alerting', 'integer', '10', false,
'Alerts raised in an hour at most.'),
('auto_index_creation', 'optimization', 'boolean', 'true', false,
'Whether the optimizer may propose and build indexes.'),
('partition_by_time', 'partitioning', 'boolean', 'true', true,
'Whether time series are partitioned by month. Fixed by the schema.'),
('partition_retention_days', 'partitioning', 'integer', '365', true,
'Days that time series are meant to be kept. What is dropped is decided by platform.partition_policies, which the '
'stack configuration sets in months.'),
('metrics_response_target_ms', 'performance', 'integer', '1000', false,
'Response time in ms that queries on metrics stay below.'),
('improvement_response_target_ms', 'performance', 'integer', '30000', false,
'Time in ms that an improvement stays below.'),
('minimum_compliance_score', 'compliance', 'float', '0.95', false,
'Compliance score, 0.00 to 1.00, below which an improvement is not applied.'),
('constitutional_hash', 'compliance', 'string', '"cdd01ef066bc6cf2"', true,
'Hash of the constitution in force.')
ON CONFLICT (config_key) DO NOTHING;
