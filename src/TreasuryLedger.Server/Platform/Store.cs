using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.CodeGeneration.Model;
using JasperFx.Events;
using JasperFx.MultiTenancy;
using Marten;
using Marten.Services;
using Npgsql;
using TreasuryLedger.Server.Journal.Nodes;
using TreasuryLedger.Server.Platform.Json;
using Wolverine;
using Wolverine.Http.Transport;
using Wolverine.Marten;

namespace TreasuryLedger.Server.Platform;

/// <summary>The event store and the message store: one database, with the settings that a ledger must have.</summary>
public static class Store
{
    /// <summary>The schema of the event store's tables.</summary>
    public const string EventSchema = "journal";

    /// <summary>The schema of the message store's tables.</summary>
    public const string MessageSchema = "wolverine";

    /// <summary>Adds Marten and Wolverine over one pool of connections.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="database">The pool, which the caller disposes.</param>
    /// <param name="create">Whether missing tables are made: only ever by the owner's migration.</param>
    /// <param name="node">How this process is one of several; <c>null</c> if it is alone.</param>
    public static void AddStore(
        this IHostApplicationBuilder builder, NpgsqlDataSource database, AutoCreate create, NodeOptions? node = null)
    {
        builder.Services
            .AddMarten(options => Configure(options, database, create))
            .IntegrateWithWolverine(integration =>
            {
                integration.MessageStorageSchemaName = MessageSchema;
                integration.TransportSchemaName = MessageSchema;
                integration.AutoCreate = create;
                integration.UseWolverineManagedEventSubscriptionDistribution = true;
            });
        builder.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(Store).Assembly;
            options.AutoBuildMessageStorageOnStartup = create;
            options.ServiceLocationPolicy = ServiceLocationPolicy.NotAllowed;
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Auto;
            if (node is not null)
            {
                BeNode(options, node);
            }
        });
    }

    /// <summary>
    /// Wolverine finds out who lives and assigns the writers; submissions travel over its HTTP transport.
    /// </summary>
    private static void BeNode(WolverineOptions options, NodeOptions node)
    {
        options.UseHttpTransport();
        options.Durability.FirstHealthCheckExecution = node.HealthCheckInterval;
        options.Durability.HealthCheckPollingTime = node.HealthCheckInterval;
        options.Durability.StaleNodeTimeout = node.DeadAfter;
        options.Durability.AgentStartBatchSize = WriterSlots.Count; // all slots of a dead node move in one step
    }

    /// <summary>Settings of the event store.</summary>
    internal static void Configure(StoreOptions options, NpgsqlDataSource database, AutoCreate create)
    {
        options.Connection(database);
        options.DatabaseSchemaName = EventSchema;
        options.AutoCreateSchemaObjects = create;
        options.ApplicationAssembly = typeof(Store).Assembly;
        options.Serializer(new SystemTextJsonSerializer(StoredJson.Options));
        options.DisableNpgsqlLogging = true;

        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.TenancyStyle = TenancyStyle.Conjoined;
        options.Policies.AllDocumentsAreMultiTenanted();
        options.Advanced.DefaultTenantUsageEnabled = false;
        options.TenantIdStyle = TenantIdStyle.CaseSensitive;
        foreach (var pinned in EventNames.All)
        {
            options.Events.MapEventType(pinned.StoredType, pinned.Name);
        }

        // Nobody but us knows whether a write may be repeated: an unknown outcome is looked up by its key.
        options.ConfigureWritePolly(_ => { });

        // A projection that cannot read or apply an event stops; skipping one would make every figure after it wrong.
        foreach (var errors in new[] { options.Projections.Errors, options.Projections.RebuildErrors })
        {
            errors.SkipApplyErrors = false;
            errors.SkipSerializationErrors = false;
            errors.SkipUnknownEvents = false;
        }
    }
}
