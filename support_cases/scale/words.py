"""Names and sentences the large set is made of; all invented."""

from itertools import product

MARK = "DỮ LIỆU MẪU"
FIRST_SYLLABLES = (
    "Nà", "Bản", "Khuổi", "Phiêng", "Cốc", "Pác", "Lũng", "Thôm", "Đông", "Tân", "Vĩnh", "Phú", "An", "Hòa", "Bình",
)  # fmt: skip
SECOND_SYLLABLES = (
    "Lọt", "Mòn", "Thượng", "Hạ", "Sơn", "Giang", "Mỹ", "Lộc", "Thịnh", "Quang", "Đức", "Hưng", "Lâm", "Phong", "Xuyên",
    "Khê", "Điền", "Thạch", "Vân", "Nghĩa",
)  # fmt: skip
ACTIVITIES = (
    "Nông nghiệp", "Miến dong", "Chè Shan tuyết", "Dược liệu", "Chăn nuôi", "Lâm nghiệp", "Rau an toàn", "Thủy sản",
    "Dịch vụ tổng hợp", "Du lịch cộng đồng", "Thổ cẩm", "Vận tải", "Nấm và mộc nhĩ", "Mật ong", "Cây ăn quả",
    "Tinh bột nghệ", "Gạo đặc sản", "Tín dụng nội bộ", "Môi trường", "Xây dựng",
)  # fmt: skip
FAMILY_NAMES = ("Nông", "Hoàng", "Triệu", "Ma", "Lý", "Bàn", "Hà", "Lục", "Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Vi")
MIDDLE_NAMES = ("Văn", "Thị", "Đức", "Thế", "Minh", "Quang", "Bích", "Thanh")
GIVEN_NAMES = ("Ngoan", "Toản", "Nương", "Thiết", "Mùi", "Quyến", "Thuấn", "Lập", "Pham", "Diệp", "Hưởng", "Slí")

_OPENINGS = (
    "",
    "HTX đã hỏi việc này một lần. ",
    "Giám đốc trực tiếp trao đổi. ",
    "Kế toán gọi thay giám đốc. ",
    "Trao đổi tại buổi làm việc ở thôn. ",
)
_ASKED = {
    "registration": (
        "HTX cần đổi địa chỉ trụ sở, hỏi bộ giấy tờ và nơi nộp.",
        "HTX đổi người đại diện theo pháp luật, hỏi thời hạn đăng ký.",
        "HTX muốn tạm ngừng kinh doanh ba tháng, hỏi cách thông báo.",
        "HTX bị mất giấy chứng nhận, hỏi thủ tục cấp lại.",
    ),
    "business_lines": (
        "HTX bỏ ba ngành không làm và thêm ngành chế biến, hỏi trình tự.",
        "HTX hỏi mã ngành cũ chuyển sang danh mục mới thế nào.",
        "HTX hỏi ngành chính ghi theo doanh thu hay theo kế hoạch.",
    ),
    "term_congress": (
        "HTX sắp hết nhiệm kỳ, nhờ lập kế hoạch đại hội.",
        "HTX hỏi số thành viên phải có mặt để đại hội hợp lệ.",
        "HTX nhờ góp ý báo cáo và đề án nhân sự trình đại hội.",
    ),
    "ocop": (
        "HTX chuẩn bị hồ sơ dự thi OCOP, hỏi phiếu kiểm nghiệm cần chỉ tiêu nào.",
        "Giấy chứng nhận OCOP sắp hết hạn, HTX hỏi lịch đánh giá lại.",
        "HTX nhờ xem nhãn sản phẩm trước khi in.",
    ),
    "loan": (
        "HTX cần vốn thu mua đầu vụ, hỏi điều kiện vay của Quỹ hỗ trợ phát triển HTX.",
        "Ngân hàng yêu cầu tài sản bảo đảm, HTX hỏi cách khác.",
        "HTX nhờ xem phương án vay mua máy.",
    ),
    "tax": (
        "HTX hỏi hạn nộp tờ khai và cách lập hóa đơn điện tử.",
        "HTX nhận thông báo nợ thuế, hỏi cách đối chiếu.",
        "HTX hỏi thu nhập nào được ưu đãi thuế.",
    ),
    "human_resources": (
        "HTX muốn nhận một lao động trẻ về làm kế toán, hỏi điều kiện hỗ trợ.",
        "HTX đăng ký lớp tập huấn cho ban giám đốc.",
        "HTX hỏi hồ sơ thanh toán lương của lao động được hỗ trợ.",
    ),
}
_ASKED_ANYTHING = ("HTX nêu khó khăn trong hoạt động và nhờ hướng dẫn.",)
_ADVISED = (
    "Đã hướng dẫn từng giấy tờ và gửi mẫu qua Zalo.",
    "Đối chiếu điều lệ trước, sau đó họp và lập nghị quyết.",
    "Liên hệ cơ quan tiếp nhận, mang theo bản chính để đối chiếu.",
    "Làm theo danh mục đã đưa; thiếu mục nào báo lại cho cán bộ.",
    "Ghi rõ số liệu của hai năm gần nhất, có chữ ký người đại diện.",
    "Việc này vượt thẩm quyền của tổ công tác, đã chuyển kèm tóm tắt nội dung.",
    "HTX tự làm được; khi vướng thì gọi lại.",
    "Chờ quyết định mới, cán bộ sẽ báo khi có.",
)
_CLOSINGS = ("", " Cán bộ ghi lại để theo dõi.", " HTX đã rõ.", " Đã thống nhất việc tiếp theo.")
ADVICE = tuple(said + closing for said, closing in product(_ADVISED, _CLOSINGS))
TITLES = {
    "registration": "Thay đổi nội dung đăng ký",
    "business_lines": "Đăng ký lại ngành nghề",
    "term_congress": "Đại hội nhiệm kỳ",
    "ocop": "Hồ sơ OCOP",
    "loan": "Hồ sơ vay vốn",
    "tax": "Hướng dẫn thuế",
    "human_resources": "Hỗ trợ lao động trẻ",
}
ANY_TITLE = "Hồ sơ hỗ trợ"
REASON = "HTX và cán bộ đã thống nhất, ghi để theo dõi."


def questions(topic: str) -> tuple[str, ...]:
    """Return the questions asked about a topic."""
    asked = _ASKED.get(topic, _ASKED_ANYTHING)
    return tuple(opening + question for opening, question in product(_OPENINGS, asked))
