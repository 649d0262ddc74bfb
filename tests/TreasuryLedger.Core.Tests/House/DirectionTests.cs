using System.Reflection;
using System.Xml.Linq;

namespace TreasuryLedger.Core.Tests.House;

/// <summary>Which part may know which: arrows inside Core, and between the projects (decision 0001).</summary>
public sealed class DirectionTests
{
    private const string Root = "TreasuryLedger.Core.";

    /// <summary>
    /// Each may use those before it, never those after it. A new folder of Core takes its place here.
    /// </summary>
    private static readonly string[] Layers =
    [
        "Money", "Time", "Journal", "Prices", "Markets", "Lots", "Loans", "Measurement", "Postings", "Exposure",
        "Periods", "Statements", "Exports", "Reconciliation", "Commands",
    ];

    private static readonly Assembly Core = Assembly.Load("TreasuryLedger.Core");

    [Fact]
    public void every_namespace_of_core_has_its_place_in_the_order()
    {
        var strangers = OwnTypes().Where(type => LayerOf(type) < 0).Select(type => type.FullName);

        strangers.ShouldBeEmpty();
    }

    [Fact]
    public void no_arrow_inside_core_points_forward()
    {
        var forward =
            from type in OwnTypes()
            from used in CodeReferences.Of(type)
            where used.Assembly == Core && LayerOf(used) > LayerOf(type)
            select $"{type.FullName} uses {used.FullName}";

        forward.Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void the_search_for_arrows_sees_what_only_a_method_body_uses()
    {
        var used = CodeReferences.Of(typeof(Sample));

        used.ShouldContain(typeof(Uri));
        used.ShouldContain(typeof(Version));
        used.ShouldNotContain(typeof(TimeZoneInfo));
    }

    [Theory]
    [InlineData("TreasuryLedger.Core", "", "Microsoft.CodeAnalysis.BannedApiAnalyzers")]
    [InlineData("TreasuryLedger.EmbeddedPostgres", "", "Npgsql")]
    [InlineData("TreasuryLedger.Client", "", "")]
    [InlineData("TreasuryLedger.Client.Example", "TreasuryLedger.Client", "")]
    [InlineData(
        "TreasuryLedger.Server",
        "Patched.DistributedLock.Postgres TreasuryLedger.Core TreasuryLedger.EmbeddedPostgres",
        null)]
    public void a_project_refers_to_these_and_no_others(string project, string projects, string? packages)
    {
        var file = XDocument.Parse(Repository.Text($"src/{project}/{project}.csproj"));

        References(file, "ProjectReference").ShouldBe(projects);
        if (packages is not null)
        {
            References(file, "PackageReference").ShouldBe(packages);
        }
    }

    private static string References(XDocument project, string kind) => string.Join(' ', project
        .Descendants(kind)
        .Select(reference => reference.Attribute("Include")!.Value)
        .Select(include => kind == "ProjectReference" ? Path.GetFileNameWithoutExtension(include) : include)
        .Order(StringComparer.Ordinal));

    /// <summary>Types of Core as written; what the compiler adds in other namespaces is no part of it.</summary>
    private static IEnumerable<Type> OwnTypes() => Core.GetTypes()
        .Where(type => type.Namespace?.StartsWith("TreasuryLedger", StringComparison.Ordinal) == true);

    private static int LayerOf(Type type) =>
        type.Namespace?.StartsWith(Root, StringComparison.Ordinal) == true
            ? Array.IndexOf(Layers, type.Namespace[Root.Length..].Split('.')[0])
            : -1;

    private static class Sample
    {
        public static string Body() => new List<Uri>().Count + new Version(1, 2).ToString();
    }
}
