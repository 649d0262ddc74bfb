using System.Net;
using System.Text;
using Shouldly;
using TreasuryLedger.Server.Webhooks;
using Xunit;

namespace TreasuryLedger.Server.Tests.Webhooks;

/// <summary>Nobody can make the server ask an address inside; what signs, signs as the specification says.</summary>
public sealed class OutsideOnlyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::")]
    [InlineData("2001:0:a00:1::")]
    [InlineData("2001:db8::1")]
    [InlineData("fc00::1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    public void what_is_inside_is_refused(string address)
    {
        new OutsideOnly(allowLoopback: false).Allows(IPAddress.Parse(address)).ShouldBeFalse();
        var isLoopback = address is "127.0.0.1" or "127.1.2.3" or "::1" or "::ffff:127.0.0.1";
        new OutsideOnly(allowLoopback: true).Allows(IPAddress.Parse(address)).ShouldBe(isLoopback);
        var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        new OutsideOnly(allowLoopback: false).Fault($"https://{host}/").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("::ffff:1.1.1.1")]
    public void what_is_outside_is_allowed(string address) =>
        new OutsideOnly(allowLoopback: false).Allows(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    public async Task a_name_is_looked_up_before_it_is_asked(string host)
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        using var client = new OutsideOnly(allowLoopback: false).Client();

        var refused = await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(
            new UriBuilder(receiver.Url) { Host = host }.Uri, TestContext.Current.CancellationToken));

        refused.InnerException.ShouldBeOfType<InternalAddressException>();
        receiver.All.ShouldBeEmpty();
    }

    /// <summary>The known answer that libraries of the specification test themselves with.</summary>
    [Fact]
    public void the_known_message_has_the_known_signature()
    {
        var secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        var body = Encoding.UTF8.GetBytes("{\"test\": 2432232314}");

        WebhookSecret.Sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        WebhookSecret.Text(secret).ShouldBe("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }
}
