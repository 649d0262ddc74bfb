using Npgsql;
using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

public sealed class StartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_throwaway_server_is_durable_checked_and_closed_to_the_network()
    {
        await using var server = await EmbeddedPostgresServer.StartThrowawayAsync(cancellation: Cancellation);
        await using var connection = new NpgsqlConnection(server.OwnerConnectionString);
        await connection.OpenAsync(Cancellation);

        (await connection.ScalarAsync("SHOW data_checksums")).ShouldBe("on");
        (await connection.ScalarAsync("SHOW fsync")).ShouldBe("on");
        (await connection.ScalarAsync("SHOW full_page_writes")).ShouldBe("on");
        (await connection.ScalarAsync("SHOW synchronous_commit")).ShouldBe("on");
        (await connection.ScalarAsync("SHOW listen_addresses")).ShouldBe("");
        (await connection.ScalarAsync("SELECT current_database()")).ShouldBe("treasury");
        (await connection.ScalarAsync("SHOW server_version")).ShouldStartWith(server.Version);
    }
}
